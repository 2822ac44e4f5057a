import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { MachineEntity, type MachineItem } from "./entity.ts"
import type { Started } from "./provider.ts"
import type { End, Info } from "./schema.ts"
import * as Token from "./token.ts"

export * from "./schema.ts"

export async function find(sessionID: string): Promise<Info | undefined> {
  const item = await MachineEntity.get({ sessionID }).go({ consistent: true })
  return item.data ? serialize(item.data) : undefined
}

/** Sessions whose machines have not ended, oldest first. */
export async function active(): Promise<string[]> {
  Actor.assert("system")
  const items = await MachineEntity.query.byActive({ active: "yes" }).go({ pages: "all" })
  return items.data.map((item) => item.sessionID)
}

interface Claim {
  sessionID: string
  generation: number
  /** The machine that was decided upon; undefined where there was none. */
  before: Info | undefined
  failures: number
  turnID: string | undefined
  now: number
}

/**
 * Takes the next generation and makes its token; nothing where somebody else took it. The token is not
 * stored: who asked for the generation starts it, or the boot times out.
 */
export async function claim({ sessionID, generation, before, failures, turnID, now }: Claim) {
  Actor.assert("system")
  trusted.delete(sessionID)
  const token = Token.create(sessionID)
  const values = {
    sessionID,
    generation,
    tokenHash: Token.hash(token),
    claimedAt: now,
    failures,
    turnID,
    active: "yes" as const,
  }
  const claimed = await MachineEntity.put(values)
    .where((attr, op) => (before ? op.eq(attr.generation, before.generation) : op.notExists(attr.generation)))
    .go()
    .then(() => true, refused)
  return claimed ? token : undefined
}

interface Generation {
  sessionID: string
  generation: number
}

/** Ends the generation, and its token with it. False where it had ended already. */
export async function end(input: Generation & { reason: End; failures: number; now: number }) {
  Actor.assert("system")
  trusted.delete(input.sessionID)
  return MachineEntity.patch({ sessionID: input.sessionID })
    .set({ endedAt: input.now, reason: input.reason, failures: input.failures })
    .remove(["active"])
    .where((attr, op) => `${op.eq(attr.generation, input.generation)} AND ${op.exists(attr.active)}`)
    .go()
    .then(() => true, refused)
}

/**
 * Takes it upon the caller to say that the session failed, as one more in the row. False where somebody
 * else took it.
 */
export async function blame({ sessionID, failures, now }: { sessionID: string; failures: number; now: number }) {
  Actor.assert("system")
  return MachineEntity.patch({ sessionID })
    .set({ failures: failures + 1, endedAt: now })
    .where((attr, op) => `${op.eq(attr.failures, failures)} AND ${op.notExists(attr.active)}`)
    .go()
    .then(() => true, refused)
}

/** Begins a new row of failures, for what comes next. */
export async function forgive({ sessionID, generation }: Generation) {
  Actor.assert("system")
  await MachineEntity.patch({ sessionID })
    .set({ failures: 0 })
    .where((attr, op) => `${op.eq(attr.generation, generation)} AND ${op.notExists(attr.active)}`)
    .go()
    .then(() => true, refused)
}

export async function remove(sessionID: string) {
  Actor.assert("system")
  trusted.delete(sessionID)
  await MachineEntity.delete({ sessionID }).go()
}

/** Notes what was started, and by which id it proves what it is. The first that is noted stays. */
export async function place({ sessionID, generation, instanceID, boot }: Generation & Started) {
  Actor.assert("system")
  await MachineEntity.patch({ sessionID })
    .set({ instanceID, boot })
    .where((attr, op) => `${op.eq(attr.generation, generation)} AND ${op.notExists(attr.instanceID)}`)
    .go()
    .then(() => true, refused)
}

/**
 * Makes a token in place of the one before, for a proof that is later than any before it. Nothing where it is
 * not, or where the generation has ended.
 */
export async function renew({ sessionID, generation, date }: Generation & { date: string }) {
  Actor.assert("session.work", sessionID)
  trusted.delete(sessionID)
  const token = Token.create(sessionID)
  const renewed = await MachineEntity.patch({ sessionID })
    .set({ tokenHash: Token.hash(token), provenAt: date })
    .where(
      (attr, op) =>
        `${op.eq(attr.generation, generation)} AND ${op.exists(attr.active)} AND ` +
        `(${op.notExists(attr.provenAt)} OR ${op.lt(attr.provenAt, date)})`,
    )
    .go()
    .then(() => true, refused)
  return renewed ? token : undefined
}

/** Notes that the worker lives. Throws 401 once its generation has ended. */
export async function beat({ sessionID, generation }: Generation) {
  Actor.assert("session.work", sessionID)
  const noted = await MachineEntity.patch({ sessionID })
    .set({ beatAt: Date.now() })
    .where((attr, op) => `${op.eq(attr.generation, generation)} AND ${op.exists(attr.active)}`)
    .go()
    .then(() => true, refused)
  if (!noted) throw unauthorized()
}

/** The session and generation that a worker's token stands for, as long as that generation lasts. */
export async function authenticate(token: string): Promise<Generation> {
  const sessionID = Token.sessionID(token)
  if (!sessionID) throw unauthorized()
  const hash = Token.hash(token)
  const known = trusted.get(sessionID)
  if (known && known.until > Date.now() && Token.matches(token, known.hash))
    return { sessionID, generation: known.generation }
  const item = await MachineEntity.get({ sessionID }).go({ consistent: true })
  if (!item.data || !Token.matches(token, item.data.tokenHash) || !item.data.active) throw unauthorized()
  const { generation } = item.data
  trusted.set(sessionID, { generation, hash, until: Date.now() + trustMs })
  if (trusted.size > mostTrusted) trusted.delete(trusted.keys().next().value ?? sessionID)
  return { sessionID, generation }
}

/**
 * A worker that appends events asks many times a second. The log itself refuses one whose generation has
 * ended, so that another process may believe its token for a moment longer.
 */
const trustMs = 5_000
const mostTrusted = 1_000
const trusted = new Map<string, { generation: number; hash: string; until: number }>()

const unauthorized = () =>
  new VisibleError("unauthorized", "machine.token", "This session token is not valid, or its generation has ended")

function refused(error: unknown) {
  if (Dynamo.isConditionFailed(error)) return false
  throw error
}

function serialize(item: MachineItem): Info {
  const { sessionID, generation, failures, turnID, instanceID, boot, beatAt, reason } = item
  const { claimedAt: since, endedAt: at } = item
  const started = { ...(instanceID && { instanceID }), ...(boot && { boot }) }
  const base = { sessionID, generation, failures, ...(turnID && { turnID }), ...started }
  if (item.active || !at || !reason) return { ...base, state: { type: "active", since, ...(beatAt && { beatAt }) } }
  return { ...base, state: { type: "ended", since, at, reason } }
}
