import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, open, rename, rm, stat } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { Logger } from "@remote-swe/core/logger"
import type { Machine } from "@remote-swe/core/machine"
import * as Host from "./host.ts"
import * as Record from "./record.ts"

export interface Options {
  /** Holds a folder for each session that has a worker. */
  folder: string
  /** Holds what the workers print. */
  logs: string
  /** Holds what makes the next worker start sooner. */
  cache: string
  /** The worker's program. */
  program: string
  environment: NodeJS.ProcessEnv
  /** A worker's process has ended, for whatever reason. */
  onExit(sessionID: string): void
}

interface Worker {
  sessionID: string
  generation: number
  child: ChildProcess
  pid: number
  /** Resolves when the process is gone and its folders are cleared away. */
  gone: Promise<void>
  ended: boolean
  kill?: NodeJS.Timeout
}

/** How long a worker may take to save its work. */
const graceMs = 10_000
const logBytes = 5 * 1024 * 1024
const leash = new URL("./leash.ts", import.meta.url).href

/** Machines that are child processes: each in a group, an environment and folders of its own. */
export async function create(options: Options) {
  const born = Date.now()
  const workers = new Map<string, Worker>()
  let closing = false
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  await mkdir(options.logs, { recursive: true, mode: 0o700 })
  await Record.clear(options.folder)
  const host = await Host.prepare(path.join(options.cache, "host"))

  const find = ({ sessionID, generation }: Machine.Reference) => {
    const worker = workers.get(sessionID)
    return worker?.generation === generation ? worker : undefined
  }

  async function start({ sessionID, generation, token }: Machine.Start) {
    const before = workers.get(sessionID)
    if (before && before.generation >= generation) return
    if (closing) throw new Error("The system is stopping")
    if (before && !before.ended) Record.killGroup(before.pid)
    await before?.gone
    const folder = path.join(options.folder, sessionID)
    const temporary = await mkdtemp(path.join(os.tmpdir(), "swe-"))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const log = await openLog(options.logs, sessionID)
    const child = spawn(process.execPath, ["--import", leash, options.program], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log.fd, log.fd, "pipe"],
      env: {
        ...options.environment,
        NODE_COMPILE_CACHE: path.join(options.cache, "node"),
        REMOTE_SWE_SANDBOX_HOST: host,
        REMOTE_SWE_SESSION_TOKEN: token,
        REMOTE_SWE_WORKER_DIR: folder,
        TMPDIR: temporary,
      },
    })
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    await once(child, "spawn").finally(() => log.close())
    if (!child.pid) throw new Error("The worker's process has no id")
    const folders = [folder, temporary]
    await Record.write(options.folder, sessionID, { pid: child.pid, program: options.program, folders })
    const worker: Worker = { sessionID, generation, child, pid: child.pid, ended: false, gone: exited.then(clear) }
    workers.set(sessionID, worker)

    async function clear() {
      worker.ended = true
      clearTimeout(worker.kill)
      Record.killGroup(worker.pid)
      const { exitCode: code, signalCode: signal } = child
      if (code !== 0) Logger.warn("a worker ended", { sessionID, generation, code, signal })
      await discard(options.folder, folders)
      await Record.remove(options.folder, sessionID)
      options.onExit(sessionID)
    }
  }

  async function describe(claim: Machine.Claim): Promise<Machine.Instance> {
    const worker = find(claim)
    if (worker) return worker.ended ? { type: "ended", reason: "exited" } : { type: "alive" }
    // Whatever was started before this process began ended with the one before it.
    return claim.since < born ? { type: "ended", reason: "host" } : { type: "absent" }
  }

  async function terminate(machine: Machine.Reference) {
    const worker = find(machine)
    if (worker && !worker.ended) end(worker, graceMs)
  }

  async function list() {
    return [...workers.values()].filter((worker) => !worker.ended)
  }

  /** Asks all workers to save their work and leave, and returns when nothing of them is left. */
  async function close(withinMs = graceMs) {
    closing = true
    for (const worker of await list()) end(worker, withinMs)
    await Promise.all([...workers.values()].map((worker) => worker.gone))
  }

  return { start, describe, terminate, list, close } satisfies Machine.Provider & { close(): Promise<void> }
}

function end(worker: Worker, withinMs: number) {
  worker.child.kill("SIGTERM")
  clearTimeout(worker.kill)
  worker.kill = setTimeout(() => Record.killGroup(worker.pid), withinMs)
}

/** Moves folders out of the way at once; what stands in them may take a while to delete. */
async function discard(folder: string, folders: readonly string[]) {
  const trash = await mkdtemp(path.join(folder, "trash-"))
  const [work, ...rest] = folders
  if (work) await rename(work, path.join(trash, "work"))
  await Promise.all([trash, ...rest].map((item) => rm(item, { recursive: true, force: true, maxRetries: 5 })))
}

async function openLog(folder: string, sessionID: string) {
  const file = path.join(folder, `${sessionID}.log`)
  const size = await stat(file).then(
    (info) => info.size,
    () => 0,
  )
  if (size > logBytes) await rename(file, `${file}.1`)
  return open(file, "a", 0o600)
}

/** Where the worker's program lies, by the name of its package. */
export const program = fileURLToPath(import.meta.resolve("@remote-swe/worker/main"))
