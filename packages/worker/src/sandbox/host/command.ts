import { spawn } from "node:child_process"
import { once } from "node:events"
import { StringDecoder } from "node:string_decoder"
import type { Readable } from "node:stream"
import type { Settings } from "../protocol.ts"
import type { Exit } from "../sandbox.ts"
import { bounded, printable, spill } from "./output.ts"
import { end, family, variable } from "./process.ts"
import { proxied } from "./proxied.ts"

export interface Options {
  name: string
  script: string
  cwd: string
  proxy?: string | undefined
  timeoutMs?: number
  silenceMs?: number
  /** Keeps the whole output in a file from the first character. */
  keep?: boolean
  onOutput(text: string): void
}

/** How long we go on reading after the command itself ended: its children may hold its output open. */
const lingerMs = 50

/**
 * Runs `script` in a session of its own. `done` never rejects for what the script does. What the
 * script left in the background goes on when it ends by itself, and is killed when we end it.
 */
export function run(settings: Settings, options: Options) {
  const started = performance.now()
  const child = spawn(settings.shell, ["-c", options.script], {
    cwd: options.cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...proxied(process.env, options.proxy), [variable.command]: options.name },
  })
  const streams: Readable[] = [child.stdout, child.stderr]
  const text = bounded()
  const whole = spill(`${settings.output}/${options.name}.log`, () => streams.forEach((stream) => stream.resume()))
  const leader = child.pid
  let reason: Exit["reason"] = "exited"
  let ending: Promise<void> | undefined
  let ended = false

  function stop(why: "timeout" | "silence" | "stopped") {
    if (ended || leader === undefined) return Promise.resolve()
    if (!ending) reason = why
    ending ??= end(() => family(leader, options.name))
    return ending
  }

  const timeout = options.timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), options.timeoutMs)
  const silence = options.silenceMs === undefined ? undefined : setTimeout(() => stop("silence"), options.silenceMs)

  function receive(piece: string) {
    silence?.refresh()
    // What comes after the end belongs to a child in the background: read, so that it isn't blocked.
    if (ended && !options.keep) return
    const fits = !options.keep && text.complete()
    const before = fits ? text.everything() : ""
    text.add(piece)
    options.onOutput(piece)
    if (fits && text.complete()) return
    if (!whole.add(before + piece)) streams.forEach((stream) => stream.pause())
  }

  for (const stream of streams) {
    const decoder = new StringDecoder("utf8")
    stream.on("data", (bytes: Buffer) => receive(printable(decoder.write(bytes))))
  }

  async function finish(): Promise<Exit> {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
    clearTimeout(timeout)
    clearTimeout(silence)
    await ending
    await drained(streams)
    ended = true
    if (!options.keep) await whole.close()
    const path = whole.path()
    const why = reason === "exited" && signal ? "signal" : reason
    return { code, reason: why, text: text.text(path), whole: path, durationMs: performance.now() - started }
  }

  return { done: finish(), stop, path: whole.path }
}

/** Until the output is closed, or nothing more has come for a while. */
function drained(streams: readonly Readable[]) {
  return new Promise<void>((resolve) => {
    let pieces = 0
    const open = () => streams.some((stream) => !stream.closed)
    const timer = setTimeout(look, lingerMs)

    // A busy process may run the timer before it has read what is there, so it looks once more.
    function look() {
      const before = pieces
      setImmediate(() => {
        const waits = pieces !== before || streams.some((stream) => stream.isPaused())
        if (waits && open()) timer.refresh()
        else finish()
      })
    }

    function finish() {
      clearTimeout(timer)
      resolve()
    }

    for (const stream of streams) {
      stream.on("data", () => pieces++)
      stream.on("close", () => open() || finish())
    }
    if (!open()) finish()
  })
}
