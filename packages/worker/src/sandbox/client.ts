import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import * as v from "valibot"
import { lines } from "./host/line.ts"
import { type Ask, type Problem, programMs, type Settings } from "./protocol.ts"
import type { Wire } from "./wire.ts"

/** The worker's end of the conversation with a host process. */
export interface Client {
  /** `onOutput` gets previews of an exec. When `signal` aborts, what was asked for is ended and then answered. */
  ask<Value>(ask: Ask, options?: { signal?: AbortSignal; onOutput?(text: string): void }): Promise<Value>
  /** Whether the host has ended, for whatever reason. */
  isGone(): boolean
  /** Ends the host and all it has started, without asking it. */
  kill(): Promise<void>
  close(): Promise<void>
}

const problems = ["input", "missing", "forbidden", "large", "limit", "bug"] as const
/** An answer, or a preview of what command `output` prints. */
const Message = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ output: v.number(), text: v.string() }),
    v.object({ id: v.number(), problem: v.object({ kind: v.picklist(problems), message: v.string() }) }),
    v.object({ id: v.number(), value: v.unknown() }),
  ]),
)

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  onOutput?(text: string): void
}

/** A host that has not answered a stop by then is not going to: a command may have stopped it. */
const stopMs = 1_500
const closeMs = 3_000
/** How long a host may take for what takes no time, and beyond the limits that it keeps by itself. */
const slackMs = 30_000
const startMs = 30_000

/** With `pulseMs`, a host that says nothing for about that long while something is asked of it is ended. */
export async function connect(wire: Wire, settings: Settings, pulseMs?: number): Promise<Client> {
  const waiting = new Map<number, Waiting>()
  let next = 1
  let ended = false

  const gone = wire.gone.then((errors) => {
    ended = true
    const lost = new VisibleError(
      "conflict",
      "sandbox.lost",
      "The sandbox that runs commands has ended, and background jobs with it. The next call starts a new one.",
      { cause: errors || undefined },
    )
    for (const item of waiting.values()) item.reject(lost)
    waiting.clear()
  })

  lines(wire.output, (line) => {
    const parsed = v.safeParse(Message, line)
    // Commands have the host's own user: what it says may be theirs.
    if (!parsed.success) return wire.kill()
    const message = parsed.output
    if ("output" in message) return waiting.get(message.output)?.onOutput?.(message.text)
    const item = waiting.get(message.id)
    waiting.delete(message.id)
    if ("problem" in message) return item?.reject(toError(message.problem))
    item?.resolve(message.value)
  })
  // A host that is gone is told about by `gone`.
  wire.input.on("error", () => undefined)

  function ask<Value>(ask: Ask, options: { signal?: AbortSignal; onOutput?(text: string): void } = {}) {
    const id = next++
    const answer = new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject, ...(options.onOutput && { onOutput: options.onOutput }) })
    })
    if (wire.input.destroyed) wire.kill()
    wire.input.write(`${JSON.stringify({ ...ask, id })}\n`)
    const { signal } = options
    let deadline = setTimeout(wire.kill, limitMs(ask))
    const stop = () => {
      wire.input.write(`${JSON.stringify({ type: "stop", target: id, id: next++ })}\n`)
      clearTimeout(deadline)
      deadline = setTimeout(wire.kill, stopMs)
    }
    if (signal?.aborted) stop()
    signal?.addEventListener("abort", stop, { once: true })
    return answer.finally(() => {
      clearTimeout(deadline)
      signal?.removeEventListener("abort", stop)
    }) as Promise<Value>
  }

  async function kill() {
    wire.kill()
    await gone
  }

  async function close() {
    wire.input.end()
    const timer = setTimeout(wire.kill, closeMs)
    await gone
    clearTimeout(timer)
    await wire.clear()
  }

  let unanswered: Promise<unknown> | undefined
  function pulse() {
    if (unanswered) return wire.kill()
    if (waiting.size === 0) return
    const answer = ask({ type: "ping" })
    unanswered = answer
    answer.then(
      () => (unanswered = undefined),
      () => undefined,
    )
  }
  if (pulseMs !== undefined) {
    const timer = setInterval(pulse, pulseMs)
    void gone.then(() => clearInterval(timer))
  }

  const late = setTimeout(wire.kill, startMs)
  const ready = ask({ type: "hello", ...settings })
  const started = await Promise.race([ready.then(() => true), gone.then(() => false)])
  clearTimeout(late)
  if (!started) {
    await ready.catch(() => undefined)
    throw new Error(`The sandbox host did not start: ${(await wire.gone).trim()}`)
  }
  return { ask, isGone: () => ended, kill, close }
}

/** A host keeps the limits of what it runs. One that doesn't is stuck: a command may see to that. */
function limitMs(ask: Ask) {
  if (ask.type === "exec") return ask.timeoutMs + slackMs
  return (ask.type === "run" ? (ask.timeoutMs ?? programMs) : 0) + slackMs
}

function toError(problem: Problem) {
  if (problem.kind !== "bug") return new VisibleError(problem.kind, `sandbox.${problem.kind}`, problem.message)
  Logger.error("sandbox host failed", { problem: problem.message })
  return new Error(problem.message)
}
