/** What is due after an act has failed. Pure: time and chance are given. */

/** What a deliverer says of an error. `message` may be shown to people. */
export type Failure =
  /** It may work later: the other side is busy, unreachable, or asks to wait. */
  | { type: "passing"; code: string; message: string; afterMs?: number }
  /** The other side will never take this one. */
  | { type: "unacceptable"; code: string; message: string }
  /** The other side takes nothing at all until a person changes something. */
  | { type: "closed"; code: string; message: string }

export type Decision =
  | { type: "retry"; at: number }
  /** Leaves out this event. */
  | { type: "skip" }
  /** Leaves out all there is; events to come are tried anew. */
  | { type: "abandon" }

export const policy = {
  /** Tries at one act; with the pauses below about two hours. */
  attempts: 14,
  firstMs: 2_000,
  longestMs: 15 * 60_000,
} as const

interface Situation {
  failure: Failure
  /** Tries that failed, this one included. */
  attempts: number
  now: number
  /** From 0 to 1. */
  chance: number
}

export function decide({ failure, attempts, now, chance }: Situation): Decision {
  if (failure.type === "unacceptable") return { type: "skip" }
  if (failure.type === "closed" || attempts >= policy.attempts) return { type: "abandon" }
  const pause = Math.min(policy.firstMs * 2 ** (attempts - 1), policy.longestMs)
  // Many sessions that failed together must not come back together.
  return { type: "retry", at: now + Math.max(failure.afterMs ?? 0, Math.round(pause * (0.5 + chance / 2))) }
}
