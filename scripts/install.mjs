// Runs on the Node that is there (20 or later), before anything is installed: built-in modules only.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** The pinned Node that programs and tests run on. */
export const node = path.join(root, "node_modules", ".bin", "node")

const stamp = path.join(root, "node_modules", ".remote-swe-installed")

/** Installs the locked dependencies, unless just those are there. Works offline in that case. */
export function install() {
  checkNode()
  const wanted = fingerprint()
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return

  const version = manifest(root).devDependencies.bun
  say(`Installing dependencies (bun ${version}; once, and again when bun.lock changes) …`)
  run("npx", ["--yes", `bun@${version}`, "install", "--frozen-lockfile"])
  if (!existsSync(node))
    fail(`The installation ended without ${path.relative(root, node)}. Remove node_modules and try again.`)
  writeFileSync(stamp, wanted)
}

export function say(text) {
  process.stderr.write(`${text}\n`)
}

export function fail(text) {
  say(text)
  process.exit(1)
}

/** Runs a step to its end. Its output goes to standard error; with `quiet`, only when it fails. */
export function run(command, args, { quiet = false, ...options } = {}) {
  const output = quiet ? "pipe" : 2
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", output, output], ...options })
  if (result.error?.code === "ENOENT") fail(`${command} was not found. Node comes with npm and npx: install both.`)
  if (result.error) throw result.error
  if (result.signal) process.kill(process.pid, result.signal)
  if (result.status === 0) return
  if (quiet) process.stderr.write(Buffer.concat([result.stdout, result.stderr]))
  fail(`"${[path.basename(command), ...args].join(" ")}" failed with code ${result.status}`)
}

export function manifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"))
}

function checkNode() {
  const [major] = process.versions.node.split(".")
  if (Number(major) < 20) fail(`Node 20 or later is needed; this is ${process.versions.node}`)
}

/** The lock and every manifest: what decides what is installed. */
function fingerprint() {
  const packages = readdirSync(path.join(root, "packages")).map((name) => path.join("packages", name))
  const files = [
    "bun.lock",
    "bunfig.toml",
    ...["", "web", ...packages].map((folder) => path.join(folder, "package.json")),
  ]
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`)
  for (const file of files.sort()) {
    const full = path.join(root, file)
    if (existsSync(full)) hash.update(`${file}\0`).update(readFileSync(full))
  }
  return hash.digest("hex")
}
