import { execFile } from "node:child_process"
import { createCipheriv } from "node:crypto"
import { cp, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { root } from "../../src/config.ts"

/** What a deployment would upload: built by the program of `infra`, unpacked as Lambda does. */

export interface Bundle {
  /** What is uploaded, and what Lambda makes of it. */
  zip: string
  folder: string
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

/** The names of functions, which SST makes of its components' names. */
const names = {
  api: /^Api$/,
  web: /^WebServer/,
  authorizer: /^RealtimeAuthorizer/,
  launcher: /^LauncherQueueSubscriber/,
  sweeper: /^Sweeper/,
  deliverer: /^TableSubscriberDeliver/,
  trigger: /^Trigger$/,
  slack: /^Slack$/,
  bot: /^SlackQueueSubscriber/,
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
  const [id, ...others] = Object.keys(functions).filter((item) => names[name].test(item))
  const found = id && functions[id]
  if (!found || others.length > 0) throw new Error(`Not one function is called like ${names[name]}`)
  return found
}

/** Copies a function to `folder`. Its links, which SST encrypts beside it, become those of our place. */
export async function lay(
  { folder: from, environment, links }: Bundle,
  folder: string,
  place: Record<string, unknown>,
) {
  await cp(from, folder, { recursive: true })
  const own = Object.fromEntries(links.flatMap((name) => (name in place ? [[name, place[name]]] : [])))
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(environment["SST_KEY"] ?? "", "base64"), Buffer.alloc(12))
  const text = Buffer.concat([cipher.update(JSON.stringify(own)), cipher.final(), cipher.getAuthTag()])
  await writeFile(path.join(folder, environment["SST_KEY_FILE"] ?? ""), text)
}
