// Runs on the Node that is there, once the dependencies are installed.
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fail, node, root, run, say } from "./install.mjs"

const web = path.join(root, "web")
const local = path.join(web, ".output")
const entryOf = (output) => path.join(output, "server", "index.mjs")
/** What the dashboard is built from. */
const sources = ["bun.lock", "packages/core/package.json", "packages/core/src", "scripts/lean.mjs", "web"]
const ignored = new Set(["node_modules", ".output", ".nitro", "test"])

/** Whether there is a dashboard at all, of whatever age. */
export const isBuilt = () => existsSync(entryOf(local))

/** Builds the dashboard, unless it was built from just these sources; for this machine, or as a preset of Nitro has it. */
export function build(preset = "standard", output = local) {
  const stamp = path.join(output, ".built-from")
  const entry = entryOf(output)
  const wanted = fingerprint(preset, sources)
  if (existsSync(entry) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return
  say("Building the dashboard (once, and again when its sources change) …")
  rmSync(stamp, { force: true })
  const vite = path.join(web, "node_modules", "vite", "bin", "vite.js")
  run(node, [vite, "build"], {
    quiet: true,
    cwd: web,
    env: { ...process.env, NODE_ENV: "production", NITRO_PRESET: preset, NITRO_OUTPUT_DIR: output },
  })
  if (!existsSync(entry)) fail(`The build ended without ${path.relative(root, entry)}`)
  writeFileSync(stamp, wanted)
}

/** Another one when what `name` is made from has changed. */
export function fingerprint(name, sources) {
  const hash = createHash("sha256").update(name)
  for (const file of sources.flatMap((source) => files(path.join(root, source))))
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0")
  return hash.digest("hex")
}

function files(place) {
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place)
    .filter((name) => !ignored.has(name))
    .sort()
    .flatMap((name) => files(path.join(place, name)))
}
