export * as Sandbox from "./index.ts"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { randomInt, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, realpath, stat, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { connect, type Client } from "./client.ts"
import { environment } from "./environment.ts"
import { type Full, missing, prepare, refusal } from "./full.ts"
import { chunkBytes, type JobValue, marker, type ReadValue, type RunValue, type Settings } from "./protocol.ts"
import { type Entry, fileLimit, type Exit, type Job, type Outcome, type Sandbox as Info, type Stat } from "./sandbox.ts"

export type { Command, Entry, Exit, Job, Outcome, Program, Sandbox as Info, Stat } from "./sandbox.ts"

export interface Options {
  /** The session's folder on this machine: `REMOTE_SWE_WORKER_DIR`. */
  dir: string
  /** What else commands must not read: the system's state with its keys and other sessions. */
  denied?: readonly string[]
  /** The git gateway's port on this process's loopback. */
  gatewayPort?: number
  /** The host's program, where it was made ready; its source by default. */
  host?: string | undefined
  /** The Node that runs the host; this process's own by default. */
  nodePath?: string
  /** `none` is for tests; by default a probe decides. */
  kind?: "none"
}

const ownHost = fileURLToPath(new URL("./host.ts", import.meta.url))

/** Opens the sandbox of a session; `full` where it can really run. */
export async function open(options: Options): Promise<Info> {
  const settings = await layout(options)
  const program = [
    options.nodePath ?? process.execPath,
    "--disable-warning=ExperimentalWarning",
    options.host ?? ownHost,
  ] as const
  const around =
    options.kind === "none" ? { warning: undefined } : await surround(settings, program, options.gatewayPort)
  const start = () =>
    around.full
      ? connect(around.full.command, around.full.environment, around.full.settings)
      : connect(marked(settings, program), environment(settings, process.env), settings)

  let client: Promise<Client> | undefined = around.client ? Promise.resolve(around.client) : start()
  let closed = false
  await client

  /** A host that ended is replaced by the next call. */
  async function ask<Value>(...args: Parameters<Client["ask"]>): Promise<Value> {
    if (closed) throw new VisibleError("conflict", "sandbox.closed", "The sandbox is closed")
    client ??= start()
    const current = client
    const connection = await current
    void connection.gone.then(() => {
      if (client === current) client = undefined
    })
    return connection.ask<Value>(...args)
  }

  return {
    kind: around.full ? "full" : "none",
    warning: around.warning,
    root: settings.root,
    home: settings.home,
    tmp: settings.tmp,

    exec({ onOutput, ...command }, signal) {
      return ask<Exit>({ type: "exec", ...command }, { signal, ...(onOutput && { onOutput }) })
    },
    start: (command) => ask<Job>({ type: "start", ...command }),
    jobs: () => ask<Job[]>({ type: "jobs" }),
    output: (jobID) => ask<JobValue>({ type: "output", jobID }),
    stopJob: (jobID) => ask<Job>({ type: "stopJob", jobID }),

    async run({ input, ...program }, signal): Promise<Outcome> {
      const text = input && { input: Buffer.from(input).toString("base64") }
      const value = await ask<RunValue>({ type: "run", ...program, ...text }, signal ? { signal } : {})
      return { ...value, stdout: Buffer.from(value.stdout, "base64") }
    },

    async readFile(path, limit = fileLimit) {
      const pieces: Buffer[] = []
      let offset = 0
      for (;;) {
        const { bytes, size } = await ask<ReadValue>({ type: "read", path, offset, length: chunkBytes })
        if (size > limit)
          throw new VisibleError("large", "file.large", `${path} has ${size} bytes; the limit is ${limit}`)
        const piece = Buffer.from(bytes, "base64")
        pieces.push(piece)
        offset += piece.length
        if (piece.length === 0 || offset >= size) return Buffer.concat(pieces)
      }
    },

    async writeFile(path, bytes) {
      if (bytes.length > fileLimit)
        throw new VisibleError(
          "large",
          "file.large",
          `${path} would have ${bytes.length} bytes; the limit is ${fileLimit}`,
        )
      for (let offset = 0; offset === 0 || offset < bytes.length; offset += chunkBytes) {
        const piece = Buffer.from(bytes.subarray(offset, offset + chunkBytes)).toString("base64")
        await ask({ type: "write", path, offset, bytes: piece })
      }
    },

    stat: (path) => ask<Stat>({ type: "stat", path }),
    inspect: (folder, paths) => ask<Entry[]>({ type: "inspect", folder, paths }),

    async close() {
      if (closed) return
      closed = true
      const connection = await client
      await connection?.close()
      await around.full?.release()
    },
  }
}

async function layout(options: Options): Promise<Settings> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 })
  const dir = await realpath(options.dir)
  const [root, home, tmp, output] = ["workspace", "home", "tmp", "output"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ]
  const writable = [root, home, tmp, output]
  await writeFile(join(dir, marker), "")
  for (const folder of writable) await mkdir(folder, { recursive: true, mode: 0o700 })
  const denied = await Promise.all((options.denied ?? []).map((path) => realpath(path).catch(() => path)))
  return {
    root,
    home,
    tmp,
    output,
    writable,
    denied: [dir, ...denied, ...(await surroundings(dir))],
    // Below the default of Linux (819200), which is also the most that an ordinary user may set.
    mark: { name: randomUUID(), queue: randomInt(300_000, 819_000) },
    shell: which("bash") ?? "/bin/sh",
  }
}

/**
 * The folders around the session's that only their owner may enter: there the system keeps other
 * sessions, its keys and its table. It ends where others may look, and below the owner's home.
 */
async function surroundings(dir: string): Promise<string[]> {
  const parent = dirname(dir)
  const { mode } = await stat(parent)
  if ((mode & 0o077) !== 0 || `${homedir()}/`.startsWith(`${parent}/`)) return []
  return [parent, ...(await surroundings(parent))]
}

interface Around {
  warning: string | undefined
  full?: Full & { environment: Record<string, string>; settings: Settings }
  client?: Client
}

/** The host in a sandbox, if that can really run: a kernel may refuse what the packages promise. */
async function surround(settings: Settings, program: readonly string[], port: number | undefined): Promise<Around> {
  const reason = missing()
  if (reason) return { warning: plain(reason) }
  const inside = { ...settings, ...(port !== undefined && { forward: port }) }
  const variables = environment(settings, process.env)
  const full = await prepare(settings, program, port).catch(asError)
  if (full instanceof Error) return { warning: plain(refusal(full)) }
  const client = await connect(full.command, variables, inside).catch(asError)
  if (!(client instanceof Error))
    return { warning: undefined, full: { ...full, environment: variables, settings: inside }, client }
  await full.release()
  return { warning: plain(refusal(client)) }
}

function asError(error: unknown) {
  Logger.warn("the sandbox cannot run", { error })
  return error instanceof Error ? error : new Error(String(error))
}

const plain = (reason: string) =>
  `Commands run without a sandbox: they can read your files and reach services on this machine. ${reason}`

/**
 * Without a sandbox the host gets a mark that its children cannot lose: see `host/process.ts`. The
 * shell lowers its own limit and becomes the host; where it can't, the host starts without.
 */
function marked(settings: Settings, program: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.platform !== "linux" || !settings.shell.endsWith("/bash")) return [...program]
  return [settings.shell, "-c", 'ulimit -q "$0" 2>/dev/null; exec "$@"', String(settings.mark.queue), ...program]
}

function which(name: string) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"))
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
