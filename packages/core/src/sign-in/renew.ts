import { setTimeout as delay } from "node:timers/promises"
import { Dynamo } from "../dynamo/index.ts"
import { SignInEntity, type SignInItem } from "./entity.ts"
import type { Person, Proof, Tokens } from "./schema.ts"
import { drop, person, read, sealed, unsealed } from "./store.ts"

/** `refused`: the issuer no longer vouches for the person. `silent`: it cannot be asked just now. */
export type Renewal = { type: "renewed"; proof: Proof } | { type: "refused" } | { type: "silent" }

/** Asks the issuer whether `person` may still come in. */
export type Ask = (tokens: Tokens & { refresh: string }, person: Person) => Promise<Renewal>

/** How long an issuer may take; also how long one that was silent is left alone. */
const leaseMs = 15_000
const stepMs = 100

/** Of this process, by hash. */
const running = new Map<string, Promise<SignInItem | undefined>>()

/**
 * The sign-in after the issuer was asked once, whoever of several requests and processes does it; undefined
 * where it has ended. One that `isGood` as it is waits for nobody else.
 */
export async function renew(item: SignInItem, isGood: boolean, ask: Ask) {
  const known = running.get(item.hash)
  if (known) return isGood ? item : known
  const started = attempt(item, isGood, ask).finally(() => running.delete(item.hash))
  running.set(item.hash, started)
  return started
}

async function attempt(item: SignInItem, isGood: boolean, ask: Ask) {
  const leaseUntil = Date.now() + leaseMs
  if (!(await claim(item, leaseUntil))) return isGood ? item : other(item)
  const { refresh, ...tokens } = unsealed(item)
  const renewal: Renewal = refresh ? await ask({ ...tokens, refresh }, person(item)) : { type: "refused" }
  switch (renewal.type) {
    case "refused":
      await drop(item.hash)
      return undefined
    case "silent":
      return isGood ? item : undefined
    case "renewed":
      return save(item, leaseUntil, renewal.proof)
  }
}

/** Takes the right to ask; false where another one has it, has asked since, or the sign-in was removed. */
async function claim({ hash, checked }: SignInItem, until: number) {
  return SignInEntity.patch({ hash })
    .set({ leaseUntil: until })
    .where(
      (item, { eq, notExists, lt }) =>
        `${eq(item.checked, checked)} AND (${notExists(item.leaseUntil)} OR ${lt(item.leaseUntil, Date.now())})`,
    )
    .go()
    .then(() => true, unlessOvertaken(false))
}

/** Removed in the meantime, it stays removed. */
async function save({ hash }: SignInItem, leaseUntil: number, { person: { name, email, role }, tokens, ends }: Proof) {
  const patch = SignInEntity.patch({ hash })
    .set({ name, role, ends, checked: Date.now(), tokens: sealed(hash, tokens), ...(email && { email }) })
    .remove(["leaseUntil"])
    .where((item, { eq }) => eq(item.leaseUntil, leaseUntil))
  return patch.go().then(() => read(hash), unlessOvertaken(undefined))
}

/** What another process makes of it, within its lease. */
async function other(before: SignInItem) {
  const end = Date.now() + leaseMs
  while (Date.now() < end) {
    await delay(stepMs)
    const item = await read(before.hash)
    if (!item || item.checked !== before.checked) return item
  }
  return undefined
}

function unlessOvertaken<Value>(value: Value) {
  return (error: unknown) => {
    if (Dynamo.isConditionFailed(error)) return value
    throw error
  }
}
