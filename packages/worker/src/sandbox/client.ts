import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { spawn } from "node:child_process"
import { lines } from "./host/line.ts"
import { end, everything } from "./host/process.ts"
import type { Answer, Ask, Note, Problem, Settings } from "./protocol.ts"

/** The worker's end of the conversation with a host process. */
export interface Client {
  /** `onOutput` gets previews of an exec. When `signal` aborts, what was asked for is ended and then answered. */
  ask<Value>(ask: Ask, options?: { signal?: AbortSignal; onOutput?(text: string): void }): Promise<Value>
  /** Resolves when the host is gone, for whatever reason. */
  readonly gone: Promise<void>
  close(): Promise<void>
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  onOutput?(text: string): void
}

/** A host that has not answered a stop by then is not going to: a command may have stopped it. */
const stopMs = 1_500
const closeMs = 3_000
const startMs = 30_000

export async function connect(
  command: readonly [string, ...string[]],
  env: Record<string, string>,
  settings: Settings,
): Promise<Client> {
  const [file, ...args] = command
  const child = spawn(file, args, { cwd: settings.root, env, stdio: ["pipe", "pipe", "pipe"], detached: true })
  const waiting = new Map<number, Waiting>()
  let next = 1
  let errors = ""

  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve())
    child.once("error", (error) => {
      errors += error.message
      resolve()
    })
  }).then(() => {
    const lost = new VisibleError(
      "conflict",
      "sandbox.lost",
      "The sandbox that runs commands has ended, and background jobs with it. The next call starts a new one.",
      { cause: errors || undefined },
    )
    for (const item of waiting.values()) item.reject(lost)
    waiting.clear()
  })

  lines(child.stdout, (line) => {
    const message = JSON.parse(line) as Answer | Note
    if ("output" in message) return waiting.get(message.output)?.onOutput?.(message.text)
    const item = waiting.get(message.id)
    waiting.delete(message.id)
    if ("problem" in message) return item?.reject(toError(message.problem))
    item?.resolve(message.value)
  })
  child.stderr.on("data", (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-4_000)
  })
  // A host that is gone is told about by `gone`.
  child.stdin.on("error", () => undefined)

  function ask<Value>(ask: Ask, options: { signal?: AbortSignal; onOutput?(text: string): void } = {}) {
    const id = next++
    const answer = new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject, ...(options.onOutput && { onOutput: options.onOutput }) })
    })
    if (child.stdin.destroyed || child.exitCode !== null) kill()
    child.stdin.write(`${JSON.stringify({ ...ask, id })}\n`)
    const { signal } = options
    if (!signal) return answer as Promise<Value>

    let deadline: NodeJS.Timeout | undefined
    const stop = () => {
      child.stdin.write(`${JSON.stringify({ type: "stop", target: id, id: next++ })}\n`)
      deadline = setTimeout(kill, stopMs)
    }
    if (signal.aborted) stop()
    signal.addEventListener("abort", stop, { once: true })
    return answer.finally(() => {
      clearTimeout(deadline)
      signal.removeEventListener("abort", stop)
    }) as Promise<Value>
  }

  /** The whole process group of the host, and whatever else carries the mark. */
  function kill() {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, "SIGKILL")
  }

  async function close() {
    child.stdin.end()
    const timer = setTimeout(kill, closeMs)
    await gone
    clearTimeout(timer)
    await end(() => everything(settings.mark), 0)
  }

  const late = setTimeout(kill, startMs)
  const ready = ask({ type: "hello", ...settings })
  const started = await Promise.race([ready.then(() => true), gone.then(() => false)])
  clearTimeout(late)
  if (!started) {
    await ready.catch(() => undefined)
    throw new Error(`The sandbox host did not start: ${errors.trim()}`)
  }
  return { ask, gone, close }
}

function toError(problem: Problem) {
  if (problem.kind !== "bug") return new VisibleError(problem.kind, `sandbox.${problem.kind}`, problem.message)
  Logger.error("sandbox host failed", { problem: problem.message })
  return new Error(problem.message)
}
