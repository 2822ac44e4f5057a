import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { createInterface } from "node:readline"

/** AWS in a process of this machine: moto, in a Python environment of its own that is made once. */

const requirements = path.join(import.meta.dirname, "requirements.txt")
const cache = path.resolve(import.meta.dirname, "../../../../.cache")
const oldest = 11

/** Why it cannot run here, and what to do about it; undefined where it can. */
export function missing() {
  const probe = "import sys, venv, ensurepip; print(sys.version_info.major, sys.version_info.minor)"
  const { stdout, error, status } = spawnSync("python3", ["-c", probe], { encoding: "utf8" })
  const install = "Install it: `apt-get install python3-venv` on Debian or Ubuntu, `brew install python` on macOS."
  if (error) return `The tests on moto need Python 3.${oldest} or later, and there is no \`python3\`. ${install}`
  if (status !== 0) return `The tests on moto need Python's modules venv and ensurepip. ${install}`
  const [major = 0, minor = 0] = stdout.trim().split(" ").map(Number)
  if (major === 3 && minor >= oldest) return
  return `The tests on moto need Python 3.${oldest} or later; this is ${major}.${minor}. ${install}`
}

/** Starts it, empty. It ends with this process, however that comes about. */
export async function start() {
  const child = spawn(installed(), [path.join(import.meta.dirname, "serve.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1" },
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const { value: port } = await lines.next()
  if (!port) throw new Error("moto ended before it began")
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() }
}

/** The Python that has moto. */
function installed() {
  const list = readFileSync(requirements, "utf8")
  const folder = path.join(cache, `moto-${createHash("sha256").update(list).digest("hex").slice(0, 12)}`)
  const python = path.join(folder, "bin", "python")
  const ready = path.join(folder, "ready")
  if (existsSync(ready)) return python
  process.stderr.write("Installing moto (once, about 140 MB) …\n")
  rmSync(folder, { recursive: true, force: true })
  execute("python3", ["-m", "venv", folder])
  // The list is complete.
  execute(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements])
  writeFileSync(ready, "")
  return python
}

function execute(command: string, args: string[]) {
  const { error, status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(" ")} failed with code ${status}`)
}
