import { createHash } from "node:crypto"
import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { Logger } from "../logger.ts"
import { Model } from "../model/index.ts"
import { Session } from "../session/index.ts"
import { fn } from "../util/fn.ts"
import { after, count, decide, isLast, isTooMuch } from "./decide.ts"
import { TriggerEntity, type TriggerItem } from "./entity.ts"
import { provider } from "./provider.ts"
import { Ring, type Run } from "./schema.ts"
import { find, follow, standing, won } from "./store.ts"

/** How long whoever claimed a time is believed to be at it. Less than a Lambda function waits before it tries again. */
const leaseMs = 45_000

/**
 * Fires a trigger for one of its times, once, however often it is told to. Throws where a mistake of ours is worth
 * another try; what a person has to mend counts as a failure.
 */
export const fire = fn(Ring, async (ring) => {
  Actor.assert("system")
  const item = await find(ring.triggerID)
  const decision = decide(item, ring, Date.now())
  switch (decision.type) {
    case "done":
      return
    case "stale":
      return mend(ring.triggerID, item)
    case "fire":
      if (item && (await claim(item, ring.at, decision.attempt))) await attempt(item, ring.at, decision.attempt)
  }
})

/** A timer that rings for what is no more was left behind by a crash. */
async function mend(id: string, item: TriggerItem | undefined) {
  if (item) return follow(item)
  await (await provider())?.unset(id)
}

/** Takes the time, if nobody has and nothing about the trigger has changed. */
async function claim({ id, revision, attempts, claimed }: TriggerItem, at: number, attempt: number) {
  const now = Date.now()
  return won(
    TriggerEntity.patch({ id })
      .set({ claimed: at, claimUntil: now + leaseMs, attempts: attempt })
      .where((item, { eq, lt, notExists }) => {
        const isSame = `${eq(item.revision, revision)} AND ${notExists(item.removed)}`
        if (claimed !== at) return `${isSame} AND (${notExists(item.claimed)} OR ${lt(item.claimed, at)})`
        const isLeft = `${eq(item.attempts, attempts ?? 0)} AND ${lt(item.claimUntil, now)}`
        return `${isSame} AND ${eq(item.claimed, at)} AND ${isLeft}`
      })
      .go(),
  )
}

async function attempt(item: TriggerItem, at: number, number: number) {
  const failures = count(item, await didLastFail(item))
  if (isTooMuch(failures)) return settle(item, { at, failures })
  const run = await start(item, endingOf(item.id, at)).catch(async (error: unknown): Promise<Run> => {
    if (error instanceof VisibleError) return { type: "failed", at: Date.now(), problem: error.message }
    Logger.error("a trigger could not be fired", { triggerID: item.id, at, attempt: number, error })
    if (isLast(number)) return { type: "failed", at: Date.now(), problem: "Something went wrong on our side" }
    await release(item.id, at)
    throw error
  })
  await settle(item, { at, run, failures: run.type === "failed" ? failures + 1 : failures })
}

/** What the trigger does; the same `ending` does it once. */
export async function start({ id, name, action }: TriggerItem, ending: string): Promise<Run> {
  const { type: _, ...rest } = action
  const messageID = Identifier.create("event", ending)
  Model.assert(action.model)
  return Actor.provide({ type: "trigger", triggerID: id, name }, async () => {
    if ("sessionID" in rest) {
      await Session.send({ ...rest, messageID, source: "trigger", delivery: "queue" })
      return { type: "started", at: Date.now(), sessionID: rest.sessionID }
    }
    const sessionID = Identifier.create("session", ending)
    await Session.create({ ...rest, id: sessionID, messageID, title: name, source: "trigger" })
    return { type: "started", at: Date.now(), sessionID }
  })
}

async function didLastFail({ last }: TriggerItem) {
  if (last?.type !== "started") return false
  const session = await Session.fromID(last.sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
  return session?.status === "failed"
}

/** Lets the next try begin at once. */
async function release(id: string, at: number) {
  await won(
    TriggerEntity.patch({ id })
      .set({ claimUntil: 0 })
      .where((item, { eq }) => eq(item.claimed, at))
      .go(),
  )
}

interface Outcome {
  at: number
  failures: number
  run?: Run
}

async function settle(item: TriggerItem, { at, failures, run }: Outcome) {
  const now = Date.now()
  const problem = run?.type === "failed" ? run.problem : undefined
  const state = after(item, { at, failures, problem }, now)
  const { id, revision } = item
  const stops = state.type === "failed"
  const seen = { settled: at, claimUntil: 0, failures, ...(run && { last: run }) }
  const told = await won(
    TriggerEntity.patch({ id })
      .set({ ...seen, ...standing(state), ...(stops && { revision: revision + 1, behind: "yes" as const }) })
      .where((item, { eq }) => `${eq(item.claimed, at)} AND ${eq(item.revision, revision)}`)
      .go(),
  )
  if (!told) {
    // A person changed when it fires: that stands. What was done is noted beside it.
    await won(
      TriggerEntity.patch({ id })
        .set(seen)
        .where((item, { eq }) => eq(item.claimed, at))
        .go(),
    )
    return
  }
  const changed = stops ? await find(id) : undefined
  if (changed) await follow(changed)
}

/** What the ids of all that one firing makes end with: its time, as a ULID has it, and who fired. */
function endingOf(id: string, at: number) {
  const digits = "0123456789abcdefghjkmnpqrstvwxyz"
  const time = Array.from({ length: 10 }, (_, index) => digits[Math.floor(at / 32 ** (9 - index)) % 32])
  const hash = createHash("sha256").update(`${id} ${at}`).digest().subarray(0, 16)
  return [...time, ...[...hash].map((byte) => digits[byte % 32])].join("")
}
