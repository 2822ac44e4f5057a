import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { Client } from "@remote-swe/core/client"

/** The whole local system as a person starts it: a process of its own, asked over its port. */

const program = fileURLToPath(new URL("../src/index.ts", import.meta.url))

export interface Options {
  home: string
  port?: number
  args?: readonly string[]
  env?: NodeJS.ProcessEnv
}

export interface System {
  child: ChildProcess
  url: string
  port: number
  api: Client.Rest
  key: string
  output(): string
  /** Sends a signal and resolves with how the process ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** A folder below the machine's temporary one: short, as paths of sockets have to be. */
export async function folder() {
  const path_ = await mkdtemp(path.join(os.tmpdir(), "swe-t-"))
  return { path: path_, remove: () => rm(path_, { recursive: true, force: true, maxRetries: 10 }) }
}

/** Starts a process and returns it at once. */
export function run({ home, port = 0, args = [], env = {} }: Options) {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, PORT: String(port), REMOTE_SWE_HOME: home, ...env },
  })
  let text = ""
  const ready = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      text += chunk.toString()
      const [, url] = /Remote SWE ready at (\S+)/.exec(text) ?? []
      if (url) resolve(url)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("close", () => reject(new Error(`The system ended before it was ready:\n${text}`)))
  })
  ready.catch(() => undefined)
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  return { child, ready, ended, output: () => text }
}

/** Starts the system and resolves once it is ready. */
export async function start(options: Options): Promise<System> {
  const { child, ready, ended, output } = run(options)
  const url = await ready
  const key = options.env?.["REMOTE_SWE_API_KEY"] ?? (await readFile(path.join(options.home, "api-key"), "utf8")).trim()
  return {
    child,
    url,
    port: Number(new URL(url).port),
    key,
    api: Client.create({ url, key }),
    output,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** The process of a session's worker; undefined while there is none. */
export async function workerOf(home: string, sessionID: string) {
  const text = await readFile(path.join(home, "worker", `${sessionID}.json`), "utf8").catch(() => "")
  return text ? (JSON.parse(text) as { pid: number }).pid : undefined
}

/** Processes, other than this one, in whose environment or command line `text` stands. Linux only. */
export async function processesWith(text: string) {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    ids.map(async (id) => {
      const read = (name: string) => readFile(`/proc/${id}/${name}`, "utf8").catch(() => "")
      return `${await read("environ")}\n${await read("cmdline")}`.includes(text) ? [Number(id)] : []
    }),
  )
  return found.flat()
}
