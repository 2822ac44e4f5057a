// node scripts/worker.mjs <folder>: makes the worker's program as a machine fetches it, one <sha256>.tar.gz in that
// folder. Its last line is { file, sha256, bytes }. The same sources give the same bytes.
import { createHash } from "node:crypto"
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { archive } from "./archive.mjs"
import { fail, node, root } from "./install.mjs"

const source = path.join(root, "packages", "worker", "src")
const self = fileURLToPath(import.meta.url)

/** Always on the pinned Node: another one's zlib would pack the same files into other bytes. */
export function build(folder) {
  const made = spawnSync(node, [self, path.resolve(folder)], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  if (made.error) throw made.error
  if (made.status !== 0) throw new Error(`The worker's program could not be made: code ${made.status}`)
  return JSON.parse(made.stdout.trim().split("\n").at(-1))
}

async function make(folder) {
  const packed = gzipSync(await archive([...(await programs()), ...prompts()]), { level: 9 })
  // The byte in which gzip says on what system it ran.
  packed[9] = 255
  const sha256 = createHash("sha256").update(packed).digest("hex")
  const file = path.join(folder, `${sha256}.tar.gz`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, packed)
  renameSync(`${file}.${process.pid}`, file)
  return { file, sha256, bytes: packed.length }
}

/** Not minified: that starts no faster, and an error of a machine can be read. */
async function programs() {
  const { rolldown } = await import("rolldown")
  const output = { format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" }
  const comments = { legal: true, annotation: false, jsdoc: false }
  const bundle = async (input, external) => {
    const options = { input, external, cwd: root, platform: "node", logLevel: "warn", checks: { pluginTimings: false } }
    const { output: chunks } = await (await rolldown(options)).generate({ ...output, comments })
    return chunks.map((chunk) => ({ name: chunk.fileName, bytes: Buffer.from(chunk.code ?? chunk.source) }))
  }
  return [
    // What confines commands on a laptop. On a machine they have another user, and a unit that is closed.
    ...(await bundle({ index: path.join(source, "index.ts") }, ["@anthropic-ai/sandbox-runtime"])),
    ...(await bundle({ host: path.join(source, "sandbox", "host.ts") }, [])),
  ]
}

/** Where the modules look for them: all of them have become neighbours of index.mjs. */
function prompts() {
  const read = (folder, place) =>
    readdirSync(path.join(source, folder))
      .filter((name) => name.endsWith(".txt"))
      .map((name) => ({ name: `${place}${name}`, bytes: readFileSync(path.join(source, folder, name)) }))
  return [...read("agent", "agent/"), ...read("tool", "")]
}

const [folder] = process.argv.slice(2)
if (process.argv[1] === self) {
  if (!folder) fail("Usage: node scripts/worker.mjs <folder>")
  const isPinned = process.execPath === node || process.versions.node === version()
  console.log(JSON.stringify(isPinned ? await make(path.resolve(folder)) : build(folder)))
}

function version() {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies.node
}
