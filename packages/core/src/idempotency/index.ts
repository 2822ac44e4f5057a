export * as Idempotency from "./index.ts"
import { createHash } from "node:crypto"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { IdempotencyEntity } from "./entity.ts"

/** How long an answer is kept for repetitions. */
export const keptMs = 24 * 60 * 60 * 1000
/** How long a request may take before another may take it over. */
export const leaseMs = 60_000
/** DynamoDB allows 400 KB an item. */
const maxBody = 300_000

export interface Request {
  /** Who asks: the same key of two actors is two keys. */
  actor: string
  route: string
  key: string
  body: string
}

export interface Answer {
  status: number
  body: string
}

/** `done`: it was answered before. `claimed`: do it, with ids that end with `ulid`; then `settle`. */
export type Claim =
  | { type: "done"; answer: Answer }
  | { type: "claimed"; claim: string; ulid: string; leaseUntil: number; repeated: boolean }

/** Claims a request for this caller. Throws a conflict while another one works on it, or for another body. */
export async function claim(request: Request): Promise<Claim> {
  const claim = digest(request.actor, request.route, request.key)
  const bodyHash = digest(request.body)
  const now = Date.now()
  const ulid = Identifier.ulid()
  const leaseUntil = now + leaseMs
  const expireAt = Math.ceil((now + keptMs) / 1000)
  const first = await won(
    IdempotencyEntity.put({ claim, bodyHash, ulid, leaseUntil, expireAt })
      // The table removes what has expired when it finds the time.
      .where((item, { notExists, lt }) => `${notExists(item.claim)} OR ${lt(item.expireAt, Math.floor(now / 1000))}`)
      .go(),
  )
  if (first) return { type: "claimed", claim, ulid, leaseUntil, repeated: false }

  const held = await IdempotencyEntity.get({ claim }).go({ consistent: true })
  if (!held.data) throw busy()
  if (held.data.bodyHash !== bodyHash)
    throw new VisibleError(
      "conflict",
      "idempotency.body",
      "This Idempotency-Key was used with another body: use a new key for a new request",
    )
  const { status, body } = held.data
  if (status !== undefined) return { type: "done", answer: { status, body: body ?? "" } }
  if (held.data.leaseUntil > now) throw busy()

  const before = held.data.leaseUntil
  const taken = await won(
    IdempotencyEntity.patch({ claim })
      .set({ leaseUntil })
      .where((item, { eq, notExists }) => `${eq(item.leaseUntil, before)} AND ${notExists(item.status)}`)
      .go(),
  )
  if (!taken) throw busy()
  return { type: "claimed", claim, ulid: held.data.ulid, leaseUntil, repeated: true }
}

/** Keeps the answer for repetitions; without one the request is free again, with the ids that it had. */
export async function settle(claimed: Extract<Claim, { type: "claimed" }>, answer?: Answer) {
  const { claim, leaseUntil } = claimed
  const kept = answer && Buffer.byteLength(answer.body) <= maxBody ? answer : undefined
  await won(
    IdempotencyEntity.patch({ claim })
      .set(kept ? { status: kept.status, body: kept.body } : { leaseUntil: 0 })
      .where((item, { eq }) => eq(item.leaseUntil, leaseUntil))
      .go(),
  )
}

async function won(write: Promise<unknown>) {
  try {
    await write
    return true
  } catch (error) {
    if (Dynamo.isConditionFailed(error)) return false
    throw error
  }
}

const digest = (...parts: string[]) => createHash("sha256").update(JSON.stringify(parts)).digest("hex")

const busy = () =>
  new VisibleError(
    "conflict",
    "idempotency.busy",
    "A request with this Idempotency-Key is being worked on: repeat it in a moment to read its answer",
  )
