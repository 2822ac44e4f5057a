import { SignIn } from "@remote-swe/core/sign-in"
import * as v from "valibot"
import { attemptName, attemptNames, type Cookie, read } from "./cookie.ts"
import { isSecure } from "./link.ts"
import { RefusedError } from "./reason.ts"

/** What is between leaving for the issuer and coming back. Kept in the browser, where nobody can read or change it. */

const Attempt = v.strictObject({
  nonce: v.string(),
  verifier: v.string(),
  /** Where they wanted to go. */
  to: v.string(),
  ends: v.number(),
})
export type Attempt = Omit<v.InferOutput<typeof Attempt>, "ends">

/** How long somebody may take to sign in. */
const lifeMs = 15 * 60_000
/** A browser that keeps beginning must not end up with more cookies than a server reads. */
const most = 5

/** The cookies that keep `attempt` under `state`. */
export function keep(state: string, attempt: Attempt, header: string | null): Cookie[] {
  const known = attemptNames(header, isSecure())
  const dropped = known.length < most ? [] : known
  const text = JSON.stringify({ ...attempt, ends: Date.now() + lifeMs })
  const value = SignIn.seal("attempt", state, text)
  return [
    ...dropped.map((name) => ({ name, value: "", seconds: 0 })),
    { name: attemptName(state, isSecure()), value, seconds: lifeMs / 1000 },
  ]
}

/** The attempt that came back with `state`; throws for one that this browser did not begin, or long ago. */
export function recall(state: string | null, header: string | null): Attempt {
  const sealed = state && read(header, attemptName(state, isSecure()))
  const text = sealed && SignIn.open("attempt", state, sealed)
  if (!text) throw new RefusedError("state")
  const { ends, ...attempt } = v.parse(v.pipe(v.string(), v.parseJson(), Attempt), text)
  if (ends < Date.now()) throw new RefusedError("expired")
  return attempt
}

export const forget = (state: string): Cookie => ({ name: attemptName(state, isSecure()), value: "", seconds: 0 })
