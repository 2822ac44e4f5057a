import type { History } from "@remote-swe/core/log/history"
import type { Block, StopReason } from "@remote-swe/core/log/schema"
import type { Info } from "@remote-swe/core/model/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"

/** What every provider's adapter takes and gives. */

export interface ToolSpec {
  name: string
  description: string
  /** JSON Schema of an object. */
  input: Record<string, unknown>
}

export interface Request {
  model: Info
  system: string
  messages: History.Message[]
  tools: ToolSpec[]
  /** Tokens that the model may think; 0 for none. */
  reasoning: number
}

export interface Reply {
  content: Block[]
  tokens: Tokens
  stopReason: StopReason
}

export type Delta =
  | { type: "text" | "reasoning" | "input"; index: number; text: string }
  | { type: "call"; index: number; callID: string; name: string }

export interface Options {
  signal: AbortSignal
  onDelta(delta: Delta): void
}

/**
 * One streamed call, without retries: throws `ModelError`. When `signal` aborts it resolves with what
 * was streamed so far and `stopReason: "aborted"`; unfinished calls are left out.
 */
export interface Model {
  stream(request: Request, options: Options): Promise<Reply>
}

export type Problem = "rate" | "overloaded" | "network" | "server" | "too_long" | "credentials" | "invalid"

export class ModelError extends Error {
  readonly problem: Problem
  readonly retryAfterMs: number | undefined

  constructor(problem: Problem, message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options)
    this.problem = problem
    this.retryAfterMs = options?.retryAfterMs
  }
}
