/** What came of a request: an answer's status and code, or nothing at all. */
export type Outcome =
  | { type: "answer"; status: number; code?: string | undefined; retryAfterMs?: number | undefined }
  | { type: "unreachable" }

export interface Policy {
  /** How often a request is sent at most. */
  attempts: number
  /** The longest pause that we choose ourselves. */
  pauseMs: number
}

const firstMs = 200
/** The longest that a server may make us wait. */
const longestMs = 60_000

/**
 * Whether to send a request again, and after how long. What the sender did wrong stays wrong, so no
 * other 4xx is tried again than those that ask for it.
 */
export function decide(outcome: Outcome, attempt: number, policy: Policy, random: number) {
  if (attempt >= policy.attempts || !isPassing(outcome)) return { type: "give-up" } as const
  const most = Math.min(policy.pauseMs, firstMs * 2 ** (attempt - 1))
  const own = most * (0.5 + random / 2)
  const asked = outcome.type === "answer" ? outcome.retryAfterMs : undefined
  return { type: "again", afterMs: Math.min(longestMs, Math.max(own, asked ?? 0)) } as const
}

function isPassing(outcome: Outcome) {
  if (outcome.type === "unreachable") return true
  // The first attempt of this very request is still being worked on.
  if (outcome.code === "idempotency.busy") return true
  return outcome.status >= 500 || [408, 425, 429].includes(outcome.status)
}

/** `Retry-After` is a number of seconds or a date. */
export function retryAfterMs(header: string | null, now: number) {
  if (!header) return
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
