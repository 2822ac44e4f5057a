// node scripts/recipe.mjs <folder> [<recipe>]: the recipe of the workers' image as one file, named by what it holds. Prints
// { file, sha256, bytes, floor } as its last line.
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { buffer } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import tar from "tar-stream"
import { root } from "./install.mjs"

const own = path.join(root, "worker-ami")

/**
 * Writes `<sha256>.tar` into `folder`. The same recipe makes the same bytes on every machine: whose file it is, when
 * it was written and how a library compresses are left out, as a new hash makes a new image.
 */
export async function build(folder, source = own) {
  const pack = tar.pack()
  for (const name of list(source, "")) {
    const file = path.join(source, name)
    const mode = statSync(file).mode & 0o100 ? 0o755 : 0o644
    pack.entry({ name: `worker-ami/${name}`, mode, mtime: new Date(0), uid: 0, gid: 0 }, readFileSync(file))
  }
  pack.finalize()
  const bytes = await buffer(pack)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  const file = path.join(folder, `${sha256}.tar`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, bytes)
  return { file, sha256, bytes: bytes.length, floor: floor(source) }
}

/** Raised when a machine from an older image can no longer run the worker. */
function floor(source) {
  const text = readFileSync(path.join(source, "conf", "floor.txt"), "utf8").trim()
  if (!/^[1-9]\d*$/.test(text)) throw new Error("worker-ami/conf/floor.txt must hold a whole number from 1")
  return Number(text)
}

/** Files below a folder of the recipe, in an order of their own. What tests it and what is hidden is no part of it. */
function list(source, folder) {
  const entries = readdirSync(path.join(source, folder), { withFileTypes: true })
  const kept = entries.filter(({ name }) => !name.startsWith(".") && !(folder === "" && name === "test"))
  return kept
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name)
      return entry.isDirectory() ? list(source, name) : [name]
    })
    .sort()
}

const [, program, folder, recipe] = process.argv
if (program === fileURLToPath(import.meta.url)) {
  if (!folder) throw new Error("Usage: node scripts/recipe.mjs <folder> [<recipe>]")
  process.stdout.write(`${JSON.stringify(await build(path.resolve(folder), recipe))}\n`)
}
