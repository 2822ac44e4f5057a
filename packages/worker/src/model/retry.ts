import { type Model, ModelError, type Options, type Problem, type Reply, type Request } from "./model.ts"

export interface Clock {
  now(): number
  /** From 0 to 1. */
  random(): number
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export type Decision = { type: "wait"; untilMs: number } | { type: "give_up" }

/** How often a call is repeated after each kind of failure; what isn't here is not repeated. */
const attempts: Partial<Record<Problem, number>> = { rate: 10, overloaded: 10, network: 6, server: 6 }
const firstMs = 1_000
const longestMs = 60_000
/** Who is told to come back later than this is better off knowing it. */
const longestRetryAfterMs = 5 * 60_000

/** What to do about the failure of the `attempt`-th try (from 1). */
export function decide(error: ModelError, attempt: number, now: number, random: number): Decision {
  if (attempt > (attempts[error.problem] ?? 0)) return { type: "give_up" }
  if (error.retryAfterMs === undefined) {
    const ms = Math.min(longestMs, firstMs * 2 ** (attempt - 1))
    return { type: "wait", untilMs: now + ms * (0.5 + random / 2) }
  }
  if (error.retryAfterMs > longestRetryAfterMs) return { type: "give_up" }
  return { type: "wait", untilMs: now + error.retryAfterMs + random * firstMs }
}

/** What a view should know while a call is repeated. */
export interface Announce {
  /** What was streamed of this answer is void. */
  reset(): void
  retry(reason: string, untilMs: number): void
}

const aborted: Reply = {
  content: [],
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  stopReason: "aborted",
}

/** One call with its retries: throws the `ModelError` that it gave up at. */
export async function withRetry(model: Model, request: Request, options: Options, clock: Clock, announce: Announce) {
  for (let attempt = 1; ; attempt++) {
    const result = await model.stream(request, options).catch((error: unknown) => {
      if (error instanceof ModelError) return error
      throw error
    })
    if (!(result instanceof ModelError)) return result
    announce.reset()
    const decision = decide(result, attempt, clock.now(), clock.random())
    if (decision.type === "give_up") throw result
    announce.retry(result.message, decision.untilMs)
    await clock.sleep(decision.untilMs - clock.now(), options.signal)
    if (options.signal.aborted) return aborted
  }
}
