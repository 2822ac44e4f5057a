import * as v from "valibot"

/** Why somebody could not sign in. */
export const reasons = ["state", "expired", "code", "refused", "role", "issuer"] as const
export type Reason = (typeof reasons)[number]

export class RefusedError extends Error {
  readonly reason: Reason

  constructor(reason: Reason, options?: ErrorOptions) {
    super(`Nobody is signed in: ${reason}`, options)
    this.reason = reason
  }
}

/** A reason as an address names it. */
export function reasonOf(text: unknown): Reason {
  const parsed = v.safeParse(v.picklist(reasons), text)
  return parsed.success ? parsed.output : "state"
}

const page = "/auth/problem"
const statuses = { state: 400, expired: 400, code: 400, refused: 403, role: 403, issuer: 502 } as const

/** The status of the page that says so; undefined for any other page. */
export const statusOf = ({ pathname, searchParams }: URL) =>
  pathname === page ? statuses[reasonOf(searchParams.get("reason"))] : undefined

/** The page that says so. `path` is where they wanted to go. */
export const problemPath = (reason: Reason, path: string) => `${page}?${new URLSearchParams({ reason, to: path })}`
