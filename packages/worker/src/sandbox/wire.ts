import { Logger } from "@remote-swe/core/logger"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import type { Readable, Writable } from "node:stream"
import { end, everything } from "./host/process.ts"
import type { Settings } from "./protocol.ts"

/** How a host is spoken with, and ended where it does not listen. */
export interface Wire {
  input: Writable
  output: Readable
  /** Resolves when the host is gone, for whatever reason, with what it complained of. */
  gone: Promise<string>
  /** Ends the host and what it has started, without asking it. */
  kill(): void
  /** Clears away what a host that is gone has left. */
  clear(): Promise<void>
}

/** Where a machine's own systemd starts hosts, and ends them: two sockets. */
export interface Sockets {
  host: string
  stop: string
}

/** A host that is a child of this process. */
export function spawned(
  command: readonly [string, ...string[]],
  env: Record<string, string>,
  settings: Settings,
): Wire {
  const [file, ...args] = command
  const child = spawn(file, args, { cwd: settings.root, env, stdio: ["pipe", "pipe", "pipe"], detached: true })
  let errors = ""
  child.stderr.on("data", (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-4_000)
  })
  const gone = new Promise<string>((resolve) => {
    child.once("close", () => resolve(errors))
    child.once("error", (error) => resolve(errors + error.message))
  })
  return {
    input: child.stdin,
    output: child.stdout,
    gone,
    /** The whole process group of the host, and whatever else carries the mark. */
    kill() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      process.kill(-child.pid, "SIGKILL")
    },
    clear: () => end(() => everything(settings.mark), 0),
  }
}

/** The system that ends hosts answers at once, or not at all. */
const stopMs = 10_000

/** A host that systemd starts for this connection, as another user. It is systemd, too, that ends all it has started. */
export function dialled({ host, stop }: Sockets): Wire {
  const socket = connect(host)
  let errors = ""
  let killing: Promise<void> | undefined
  socket.on("error", (error) => {
    errors = error.message
  })
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))

  async function kill() {
    await knock(stop).catch((error: unknown) => Logger.error("commands could not be ended", { error }))
    socket.destroy()
  }

  return {
    input: socket,
    output: socket,
    // Not before root is done: it ends all hosts, and so would end the next one.
    gone: closed.then(async () => {
      await killing
      return errors
    }),
    kill: () => void (killing ??= kill()),
    clear: async () => undefined,
  }
}

/** Whoever connects there has root end all commands; it hangs up when that is done. */
async function knock(path: string) {
  const socket = connect(path)
  socket.setTimeout(stopMs, () => socket.destroy(new Error(`${path} did not answer in time`)))
  await once(socket.resume(), "close")
}
