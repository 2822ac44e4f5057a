import { execFile } from "node:child_process"
import { createCipheriv } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { inflateRawSync } from "node:zlib"
import { root } from "../../src/config.ts"

/** What a deployment would upload: built by the program of `infra`, unpacked as Lambda does. */

export interface Bundle {
  zip: string
  handler: string
  environment: Record<string, string>
  seconds: number
  links: string[]
}

interface Deployment {
  /** The dashboard's files, for the router. */
  site: string
  functions: Record<string, Bundle>
}

/** How the names of functions begin, which SST makes of its components' names. */
const names = {
  api: "Api",
  web: "WebServer",
  authorizer: "RealtimeAuthorizer",
  launcher: "LauncherQueueSubscriber",
  sweeper: "Sweeper",
}
export type Name = keyof typeof names
export const all = Object.keys(names) as Name[]

/** Takes a while. */
export async function build() {
  await promisify(execFile)(process.execPath, [path.join(root, "infra", "test", "run.ts"), "bundles"], { cwd: root })
}

/** What `build` left. */
export async function read(): Promise<Deployment> {
  return JSON.parse(await readFile(path.join(root, ".cache", "infra", "bundles.json"), "utf8"))
}

export function find({ functions }: Deployment, name: Name): Bundle {
  const [id, ...others] = Object.keys(functions).filter((item) => item.startsWith(names[name]))
  const found = id && functions[id]
  if (!found || others.length > 0) throw new Error(`Not one function is called ${names[name]}…`)
  return found
}

/** Unpacks a function into `folder`. Its links, which SST encrypts beside it, become those of our place. */
export async function unpack({ zip, environment, links }: Bundle, folder: string, place: Record<string, unknown>) {
  for (const { name, content } of entries(await readFile(zip))) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), content)
  }
  const own = Object.fromEntries(links.flatMap((name) => (name in place ? [[name, place[name]]] : [])))
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(environment["SST_KEY"] ?? "", "base64"), Buffer.alloc(12))
  const text = Buffer.concat([cipher.update(JSON.stringify(own)), cipher.final(), cipher.getAuthTag()])
  await writeFile(path.join(folder, environment["SST_KEY_FILE"] ?? ""), text)
}

/** The files of an archive as SST packs it: stored or deflated. */
export function* entries(zip: Buffer) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)]
    const [length, rest] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)]
    const name = zip.toString("utf8", at + 46, at + 46 + length)
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const body = zip.subarray(start, start + size)
    if (!name.endsWith("/")) yield { name, content: method === 0 ? body : inflateRawSync(body) }
    at += 46 + length + rest
  }
}
