// node scripts/recipe.mjs <folder> [<recipe>]: the recipe of the workers' image as one file, named by what it holds. Prints
// { file, sha256, bytes, floor } as its last line.
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { archive } from "./archive.mjs"
import { root } from "./install.mjs"

const own = path.join(root, "worker-ami")

/**
 * Writes `<sha256>.tar` into `folder`. The same recipe makes the same bytes on every machine: whose file it is, when
 * it was written and how a library compresses are left out, as a new hash makes a new image.
 */
export async function build(folder, source = own) {
  const read = (name) => {
    const file = path.join(source, name)
    const mode = statSync(file).mode & 0o100 ? 0o755 : 0o644
    return { name: `worker-ami/${name}`, bytes: readFileSync(file), mode }
  }
  const bytes = await archive(list(source, "").map(read))
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

/** Files below a folder of the recipe. What tests it and what is hidden is no part of it. */
function list(source, folder) {
  const entries = readdirSync(path.join(source, folder), { withFileTypes: true })
  const kept = entries.filter(({ name }) => !name.startsWith(".") && !(folder === "" && name === "test"))
  return kept.flatMap((entry) => {
    const name = path.posix.join(folder, entry.name)
    return entry.isDirectory() ? list(source, name) : [name]
  })
}

const [, program, folder, recipe] = process.argv
if (program === fileURLToPath(import.meta.url)) {
  if (!folder) throw new Error("Usage: node scripts/recipe.mjs <folder> [<recipe>]")
  process.stdout.write(`${JSON.stringify(await build(path.resolve(folder), recipe))}\n`)
}
