export * as SignIn from "./index.ts"
import { randomBytes } from "node:crypto"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { fn } from "../util/fn.ts"
import { decide, lifeMs } from "./decide.ts"
import { SignInEntity } from "./entity.ts"
import { type Ask, renew } from "./renew.ts"
import { type Person, Proof } from "./schema.ts"
import { drop, hashOf, person, read, sealed, unsealed } from "./store.ts"

export { checkMs, lifeMs } from "./decide.ts"
export type { Ask, Renewal } from "./renew.ts"
export * from "./schema.ts"
export { open, seal, sign, signed } from "./seal.ts"

/** Keeps that somebody signed in. Whoever has the secret that this answers is that person; only its hash is kept. */
export const create = fn(Proof, async ({ person, tokens, ends }) => {
  Actor.assert("system")
  const secret = randomBytes(32).toString("base64url")
  const hash = hashOf(secret)
  const created = Date.now()
  await SignInEntity.put({
    ...person,
    hash,
    tokens: sealed(hash, tokens),
    renewable: tokens.refresh !== undefined,
    created,
    checked: created,
    ends,
    expireAt: Math.ceil((created + lifeMs) / 1000),
  }).go()
  return secret
})

/**
 * Who signed in with `secret`; undefined where it is unknown, was removed or has ended. Now and then this
 * asks the issuer anew, once for all requests that come at the same time.
 */
export async function authenticate(secret: string, ask: Ask): Promise<Person | undefined> {
  const item = await read(hashOf(secret))
  if (!item) return undefined
  const decision = decide(item, Date.now())
  if (decision === "good") return person(item)
  if (decision === "ended") {
    await drop(item.hash)
    return undefined
  }
  const renewed = await renew(item, decision === "due", ask)
  return renewed && person(renewed)
}

/** Ends a sign-in at once; answers the tokens, which the issuer can be told. */
export const remove = fn(v.string(), async (secret) => {
  const item = await read(hashOf(secret))
  if (!item) return undefined
  await drop(item.hash)
  return unsealed(item)
})
