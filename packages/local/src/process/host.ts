import { createHash } from "node:crypto"
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { stripTypeScriptTypes } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"

/**
 * The program inside each sandbox, as JavaScript below `folder`: without types to strip it starts in half
 * the time and takes two thirds of the memory, and a sandbox has no place for what Node would keep of it.
 * Made once for each version of its sources. Returns its path.
 */
export async function prepare(folder: string) {
  const source = path.dirname(fileURLToPath(import.meta.resolve("@remote-swe/worker/host")))
  const inner = (await readdir(path.join(source, "host"))).map((name) => path.join("host", name))
  const files = await Promise.all(
    ["host.ts", "protocol.ts", ...inner].map(async (name) => ({
      name: name.replace(/\.ts$/, ".mjs"),
      text: await readFile(path.join(source, name), "utf8"),
    })),
  )
  const version = createHash("sha256").update(process.version).update(JSON.stringify(files)).digest("hex").slice(0, 16)
  const target = path.join(folder, version)
  if (!(await exists(target))) await write(folder, target, files)
  return path.join(target, "host.mjs")
}

async function write(folder: string, target: string, files: readonly { name: string; text: string }[]) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(path.join(folder, "draft-"))
  await mkdir(path.join(draft, "host"))
  for (const { name, text } of files) await writeFile(path.join(draft, name), plain(text))
  await rename(draft, target)
  // What earlier versions left is of no use to this one.
  for (const name of await readdir(folder))
    if (name !== path.basename(target)) await rm(path.join(folder, name), { recursive: true, force: true })
}

const plain = (text: string) => stripTypeScriptTypes(text).replaceAll(/(\bfrom "\.[^"]*)\.ts"/g, '$1.mjs"')

const exists = (name: string) =>
  access(name).then(
    () => true,
    () => false,
  )
