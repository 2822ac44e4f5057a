import { randomUUID } from "node:crypto"
import { Dynamo } from "../dynamo/index.ts"
import { DeliverEntity, type DeliverItem } from "./entity.ts"

/** The cursor as its one runner at a time holds it. Every write is refused once somebody else has it. */

/** A runner that has not moved for so long is dead. Must be longer than any one act. */
export const leaseMs = 120_000
/** How often the sweeper looks after a session that is at work. */
const watchMs = 5 * 60_000

export interface Key {
  sessionID: string
  name: string
}

export interface Held extends Key {
  runner: string
  wanted: number
  target: unknown
  state: unknown
  seq: number
  part: number
  attempts: number
  problem: string
  /** An earlier runner broke off or failed: its last act may have come through. */
  uncertain: boolean
}

export type Place = Pick<Held, "seq" | "part" | "state">

/** Starts to follow a session's log after `after`; a deliverer that follows it already gets a new target. */
export async function follow({ sessionID, name }: Key, target: unknown, after: number, now: number) {
  const item = { target: JSON.stringify(target), behind: "yes" as const, due: now + watchMs }
  const made = await won(
    DeliverEntity.create({
      ...{ sessionID, name, ...item, state: "null", seq: after, part: 0, runner: "", leaseUntil: 0 },
      ...{ wanted: 0, attempts: 0, notBefore: 0, problem: "" },
    }).go(),
  )
  if (!made) await DeliverEntity.patch({ sessionID, name }).set(item).go()
}

export async function list(sessionID: string) {
  const found = await DeliverEntity.query.primary({ sessionID }).go({ pages: "all", consistent: true })
  return found.data
}

/** Those that the sweeper has to look after now. */
export async function overdue(now: number): Promise<Key[]> {
  const found = await DeliverEntity.query
    .byDue({ behind: "yes" })
    .lt({ due: now })
    .go({ pages: "all", attributes: ["sessionID", "name"] })
  return found.data.map(({ sessionID, name }) => ({ sessionID, name }))
}

/** Undefined where somebody else is at work, who will look again; where it is not time yet; or where it is gone. */
export async function claim(key: Key, now: number): Promise<Held | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const held = await take(key, now)
    if (held) return held
    const told = await won(
      DeliverEntity.patch(key)
        .add({ wanted: 1 })
        .where(({ runner, leaseUntil }, { ne, gte }) => `${ne(runner, "")} AND ${gte(leaseUntil, now)}`)
        .go(),
    )
    if (told) return
    const item = await DeliverEntity.get(key).go({ consistent: true })
    if (!item.data || item.data.notBefore > now) return
  }
  return
}

async function take(key: Key, now: number): Promise<Held | undefined> {
  const runner = randomUUID()
  const leaseUntil = now + leaseMs
  const before = await orRefused(
    DeliverEntity.patch(key)
      .set({ runner, leaseUntil, behind: "yes", due: leaseUntil })
      .where(
        (item, { eq, lt, lte }) =>
          `(${eq(item.runner, "")} OR ${lt(item.leaseUntil, now)}) AND ${lte(item.notBefore, now)}`,
      )
      .go({ response: "all_old" }),
  )
  return before && held(before.data as DeliverItem, runner)
}

function held(item: DeliverItem, runner: string): Held {
  const { sessionID, name, wanted, seq, part, attempts, problem } = item
  const uncertain = item.runner !== "" || attempts > 0
  const own = { target: JSON.parse(item.target) as unknown, state: JSON.parse(item.state) as unknown }
  return { sessionID, name, runner, wanted, seq, part, attempts, problem, uncertain, ...own }
}

/** Says that all before `place` is done. False where another runner has the cursor. */
export async function advance(held: Held, place: Place, now: number, problem = "") {
  const leaseUntil = now + leaseMs
  return won(
    mine(held)
      .set({ ...at(place), attempts: 0, notBefore: 0, problem, leaseUntil, behind: "yes", due: leaseUntil })
      .where(({ runner }, { eq }) => eq(runner, held.runner))
      .go(),
  )
}

/** Puts the cursor back until `until`, after a failure. */
export async function postpone(held: Held, place: Place, attempts: number, until: number) {
  return won(
    mine(held)
      .set({ ...at(place), attempts, notBefore: until, runner: "", behind: "yes", due: until })
      .where(({ runner }, { eq }) => eq(runner, held.runner))
      .go(),
  )
}

/** Ends the run at `place`. False where somebody came meanwhile, so that there may be more to do. */
export async function release(held: Held, place: Place, isAtRest: boolean, now: number) {
  const behind = isAtRest ? ("no" as const) : ("yes" as const)
  return won(
    mine(held)
      .set({ ...at(place), runner: "", behind, due: now + watchMs })
      .where(({ runner, wanted }, { eq }) => `${eq(runner, held.runner)} AND ${eq(wanted, held.wanted)}`)
      .go(),
  )
}

/** The cursor as it is now, if it is still this runner's. */
export async function renew(held: Held): Promise<Held | undefined> {
  const item = await DeliverEntity.get({ sessionID: held.sessionID, name: held.name }).go({ consistent: true })
  return item.data?.runner === held.runner ? { ...held, wanted: item.data.wanted } : undefined
}

const mine = ({ sessionID, name }: Key) => DeliverEntity.patch({ sessionID, name })
const at = ({ seq, part, state }: Place) => ({ seq, part, state: JSON.stringify(state ?? null) })

const won = async (write: Promise<unknown>) => (await orRefused(write.then(() => true))) === true

async function orRefused<Result>(write: Promise<Result>) {
  return write.catch((error: unknown) => {
    if (Dynamo.isConditionFailed(error)) return undefined
    throw error
  })
}
