export * as Sandbox from "./index.ts"
import { VisibleError } from "@remote-swe/core/error"
import { fileURLToPath } from "node:url"
import type { Egress } from "../egress/index.ts"
import * as Around from "./around.ts"
import type { Client } from "./client.ts"
import * as Layout from "./layout.ts"
import { chunkBytes, type JobValue, type ReadValue, type RunValue } from "./protocol.ts"
import { type Entry, fileLimit, type Exit, type Job, type Outcome, type Sandbox as Info, type Stat } from "./sandbox.ts"
import type { Vitals } from "./strain.ts"
import type { Sockets } from "./wire.ts"

export type { Command, Entry, Exit, Job, Outcome, Program, Sandbox as Info, Stat } from "./sandbox.ts"

export interface Options {
  /** The session's folder on this machine: `REMOTE_SWE_WORKER_DIR`. */
  dir: string
  /** What else commands must not read: the system's state with its keys and other sessions. */
  denied?: readonly string[]
  /** The git gateway's port on this process's loopback. */
  gatewayPort?: number
  /** The proxy that commands reach a list of hosts through; without it they reach all. */
  egress?: Pick<Egress.Info, "port" | "begin"> | undefined
  /** The host's program, where it was made ready; its source by default. */
  host?: string | undefined
  /** The Node that runs the host; this process's own by default. */
  nodePath?: string
  /** Where this machine's own system starts hosts, as another user who has the session's folders. */
  sockets?: Sockets | undefined
  /** How often such a host is asked whether it still listens, while it works. */
  pulseMs?: number
  /** `none` is for tests; by default a probe decides. */
  kind?: "none"
}

const ownHost = fileURLToPath(new URL("./host.ts", import.meta.url))

/** Opens the sandbox of a session; `full` where it can really run. */
export async function open(options: Options): Promise<Info> {
  const around = await surround(options)
  const { settings } = around
  const { egress } = options

  let client: Promise<Client> | undefined = around.first ? Promise.resolve(around.first) : around.start()
  let closed = false
  await client

  /** A host that ended, or did not start, is replaced by the next call. */
  async function host() {
    for (;;) {
      client ??= around.start()
      const current = client
      const connection = await current.catch((error: unknown) => {
        if (client === current) client = undefined
        throw error
      })
      if (!connection.isGone()) return connection
      if (client === current) client = undefined
    }
  }

  async function ask<Value>(...args: Parameters<Client["ask"]>): Promise<Value> {
    if (closed) throw new VisibleError("conflict", "sandbox.closed", "The sandbox is closed")
    return (await host()).ask<Value>(...args)
  }

  return {
    kind: around.kind,
    warning: egress && around.kind === "none" ? [around.warning, unenforced].filter(Boolean).join(" ") : around.warning,
    root: settings.root,
    home: settings.home,
    tmp: settings.tmp,

    async exec({ onOutput, callID, ...command }, signal) {
      const ticket = egress?.begin({ script: command.script, callID })
      const asked = { type: "exec" as const, ...command, ...way(ticket) }
      return ask<Exit>(asked, { signal, ...(onOutput && { onOutput }) }).finally(ticket?.end)
    },
    async start({ callID, ...command }) {
      const ticket = egress?.begin({ script: command.script, callID })
      return ask<Job>({ type: "start", ...command, ...way(ticket) }).then(
        (job) => {
          ticket?.become(job.id)
          return job
        },
        (error: unknown) => {
          ticket?.end()
          throw error
        },
      )
    },
    jobs: () => ask<Job[]>({ type: "jobs" }),
    output: (jobID) => ask<JobValue>({ type: "output", jobID }),
    stopJob: (jobID) => ask<Job>({ type: "stopJob", jobID }),

    async run({ input, callID, ...program }, signal): Promise<Outcome> {
      const text = input && { input: Buffer.from(input).toString("base64") }
      const ticket = egress?.begin({ script: program.args.join(" "), callID })
      const asked = { type: "run" as const, ...program, ...text, ...way(ticket) }
      const value = await ask<RunValue>(asked, signal ? { signal } : {}).finally(ticket?.end)
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

    vitals: async () => (around.limited ? ask<Vitals>({ type: "vitals" }) : undefined),

    async reset() {
      const current = await client?.catch(() => undefined)
      await current?.kill()
    },

    async close() {
      if (closed) return
      closed = true
      const connection = await client
      await connection?.close()
      await around.release()
    },
  }
}

async function surround(options: Options) {
  const { dir, denied = [], sockets, pulseMs, nodePath = process.execPath, host = ownHost } = options
  if (sockets) return Around.machine(dir, sockets, pulseMs)
  const settings = await Layout.make(dir, denied)
  const program = [nodePath, "--disable-warning=ExperimentalWarning", host] as const
  return options.kind === "none" ? Around.none(settings, program) : Around.sandboxed(settings, program, options)
}

const way = (ticket: Egress.Ticket | undefined) => ticket && { proxy: ticket.proxy }

const unenforced =
  "The list of hosts that commands may reach (EGRESS_ALLOWED_DOMAINS) is not enforced: it holds for programs that use the proxy in HTTP_PROXY, and whatever ignores that reaches everything."
