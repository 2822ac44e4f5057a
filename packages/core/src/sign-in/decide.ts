/** How long a sign-in lasts at most: then the issuer asks for a password again. */
export const lifeMs = 30 * 86_400_000
/** How often the issuer is asked whether the person may still come in. */
export const checkMs = 15 * 60_000
/** How long a sign-in goes on after the last check when the issuer does not answer. */
export const graceMs = 60 * 60_000
/** So long before the id token ends it is renewed. */
export const marginMs = 60_000

export interface Facts {
  created: number
  checked: number
  ends: number
  renewable: boolean
}

/**
 * `due`: to be renewed, and good in the meantime. `overdue`: good only once it is renewed. Without a
 * refresh token a sign-in ends with its id token.
 */
export type Decision = "good" | "due" | "overdue" | "ended"

export function decide({ created, checked, ends, renewable }: Facts, now: number): Decision {
  if (now >= created + lifeMs) return "ended"
  if (!renewable) return now < ends ? "good" : "ended"
  if (now >= checked + graceMs) return "overdue"
  return now < Math.min(checked + checkMs, ends - marginMs) ? "good" : "due"
}
