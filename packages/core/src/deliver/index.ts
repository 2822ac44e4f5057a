export * as Deliver from "./index.ts"
import { setTimeout as delay } from "node:timers/promises"
import { Actor } from "../actor/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { Logger } from "../logger.ts"
import { Session } from "../session/index.ts"
import * as Cursor from "./cursor.ts"
import { decide, type Failure } from "./decide.ts"

export type { Failure } from "./decide.ts"

/**
 * Deliverers bring what happens in a session to somewhere else: a chat, a telephone. Each is a cursor
 * into the log that reads after itself, acts, and advances by condition, so every event is delivered at
 * least once and in order, whoever dies in between. They are woken by the table's stream, and by the
 * sweeper when something failed.
 */

export interface Context {
  sessionID: string
  /** Names the act: the same one again has the same key. */
  key: string
  target: unknown
  /** An earlier try may have come through: look before acting, where the other side can tell. */
  uncertain: boolean
}

export interface Deliverer<Act = unknown> {
  name: string
  /** The kinds of events that it has to see whole. */
  kinds: readonly Log.Kind[]
  /** What is due for an event, and what to remember. Pure. */
  plan(state: unknown, event: Log.Read, target: unknown): { state: unknown; acts: readonly Act[] }
  perform(act: Act, context: Context): Promise<void>
  /** What an error of `perform` means; undefined for a bug. */
  explain(error: unknown): Failure | undefined
  /** Asked when something was said in a session that it doesn't follow: where to bring it from then on, if anywhere. */
  invite?(sessionID: string): Promise<unknown>
}

/** Brings the events after `after` (default: all) to `target`. Again: to another target, from where it is. */
export async function follow(deliverer: Pick<Deliverer, "name">, sessionID: string, target: unknown, after = 0) {
  await Cursor.follow({ sessionID, name: deliverer.name }, target, after, Date.now())
}

/** Where a deliverer brings the session to; undefined where it doesn't follow it. */
export async function targetOf({ name }: Pick<Deliverer, "name">, sessionID: string): Promise<unknown> {
  const found = await Cursor.list(sessionID)
  const item = found.find((cursor) => cursor.name === name)
  return item && JSON.parse(item.target)
}

interface Clock {
  now?(): number
  /** How long to wait for another side that asks for a moment; what takes longer is the sweeper's. */
  patienceMs?: number
}

interface Look extends Clock {
  /** The first message that is new, where one is. */
  said?: number | undefined
}

/** Delivers what is new in a session, as far as the other sides take it. */
export async function run(deliverers: readonly Deliverer[], sessionID: string, { said, ...clock }: Look = {}) {
  Actor.assert("system")
  const known = (await Cursor.list(sessionID)).map(({ name }) => name)
  const fresh = said === undefined ? [] : await invite(deliverers, known, sessionID, said)
  for (const name of [...known, ...fresh]) {
    const deliverer = deliverers.find((item) => item.name === name)
    if (deliverer) await work(deliverer, sessionID, { patienceMs: 10_000, ...clock })
  }
}

/** Those who want to hear of the session from the message `said` on. */
async function invite(deliverers: readonly Deliverer[], known: readonly string[], sessionID: string, said: number) {
  const fresh: string[] = []
  for (const deliverer of deliverers) {
    if (!deliverer.invite || known.includes(deliverer.name)) continue
    const target = await deliverer.invite(sessionID).catch((error: unknown) => {
      if (error instanceof Session.NotFoundError) return undefined
      throw error
    })
    if (target === undefined) continue
    await follow(deliverer, sessionID, target, said - 1)
    fresh.push(deliverer.name)
  }
  return fresh
}

/** What was left behind: the sweeper's part. One that cannot be looked after holds up no other. */
export async function sweep(deliverers: readonly Deliverer[], clock: Clock = {}) {
  Actor.assert("system")
  const now = clock.now ?? Date.now
  const failed: string[] = []
  for (const { sessionID, name } of await Cursor.overdue(now())) {
    const deliverer = deliverers.find((item) => item.name === name)
    if (!deliverer) continue
    await work(deliverer, sessionID, { now }).catch((error: unknown) => {
      Logger.error("a session could not be delivered", { sessionID, deliverer: name, error })
      failed.push(sessionID)
    })
  }
  if (failed.length > 0) throw new Error(`Deliveries of ${failed.join(", ")} failed`)
}

async function work(deliverer: Deliverer, sessionID: string, { now = Date.now, patienceMs = 0 }: Clock): Promise<void> {
  const held = await Cursor.claim({ sessionID, name: deliverer.name }, now())
  if (!held) return
  const run: Run = { deliverer, held, now, uncertain: held.uncertain }
  await hold(run, held)
  const pause = (run.until ?? Infinity) - now()
  if (pause > patienceMs) return
  await delay(pause)
  return work(deliverer, sessionID, { now, patienceMs: patienceMs - pause })
}

/** One runner's time with a cursor. */
interface Run {
  deliverer: Deliverer
  held: Cursor.Held
  now(): number
  uncertain: boolean
  /** Set where the run ended because the other side needs time. */
  until?: number
}

async function hold(run: Run, start: Cursor.Place): Promise<void> {
  const place = await drain(run, start)
  if (!place) return
  const isAtRest = await rests(run.held.sessionID)
  if (await Cursor.release(run.held, place, isAtRest, run.now())) return
  const still = await Cursor.renew(run.held)
  if (!still) return
  run.held = { ...run.held, wanted: still.wanted }
  return hold(run, place)
}

const page = 100

/** Goes through the log to its end, and answers where that is. Undefined where the run is over before. */
async function drain(run: Run, start: Cursor.Place): Promise<Cursor.Place | undefined> {
  let place = start
  for (;;) {
    const events = await Log.list({ sessionID: run.held.sessionID, after: place.seq, limit: page })
    for (const event of events) {
      if (event.seq <= place.seq) continue
      const next = await deliver(run, place, event)
      if (!next) return
      place = next
    }
    if (events.length < page) return place
  }
}

async function deliver(run: Run, place: Cursor.Place, event: Log.Read): Promise<Cursor.Place | undefined> {
  const { deliverer, held } = run
  const { state, acts } = deliverer.plan(place.state, await read(deliverer, event), held.target)
  const after = { seq: event.seq, part: 0, state }
  for (const [part, act] of acts.entries()) {
    if (part < place.part) continue
    const key = `${held.sessionID}:${event.seq}:${part}`
    const failure = await attempt(deliverer, act, {
      ...{ sessionID: held.sessionID, target: held.target },
      ...{ key, uncertain: run.uncertain },
    })
    run.uncertain = false
    if (failure) return fail(run, { ...place, part }, after, failure)
    const next = part === acts.length - 1 ? after : { ...place, part: part + 1 }
    if (!(await Cursor.advance(held, next, run.now()))) return
    run.held = { ...held, attempts: 0, problem: "" }
  }
  return after
}

async function read(deliverer: Deliverer, event: Log.Read) {
  const isWanted = event.kind !== "unknown" && deliverer.kinds.includes(event.kind)
  return event.cut && isWanted ? Log.fromSeq(event.sessionID, event.seq) : event
}

async function attempt(deliverer: Deliverer, act: unknown, context: Context): Promise<Failure | undefined> {
  try {
    await deliverer.perform(act, context)
    return undefined
  } catch (error) {
    const failure = deliverer.explain(error)
    if (!failure) Logger.error("a delivery failed", { key: context.key, deliverer: deliverer.name, error })
    return failure ?? { type: "passing", code: "internal", message: "A mistake of ours" }
  }
}

/** Puts the act off, or gives it up and says so. Answers where to go on; undefined where the run ends. */
async function fail(run: Run, place: Cursor.Place, after: Cursor.Place, failure: Failure) {
  const { held, now } = run
  const attempts = held.attempts + 1
  const decision = decide({ failure, attempts, now: now(), chance: Math.random() })
  if (decision.type === "retry") {
    run.until = decision.at
    await Cursor.postpone(held, place, attempts, decision.at)
    return
  }
  const seq = decision.type === "skip" ? after.seq : await Log.head(held.sessionID)
  // Said once for each kind of failure, not for each event.
  if (held.problem !== failure.code) await report(held, failure)
  const next = { ...after, seq }
  return (await Cursor.advance(held, next, now(), failure.code)) ? next : undefined
}

async function report({ sessionID, name }: Cursor.Held, { code, message }: Failure) {
  Logger.warn("a delivery was given up", { sessionID, deliverer: name, code })
  await Session.add(sessionID, {
    id: Identifier.create("event"),
    kind: "notice",
    level: "warning",
    code: `${name}.undelivered`,
    text: message,
  })
}

async function rests(sessionID: string) {
  const info = await Session.fromID(sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
  return !info || !Session.needsWork(info)
}
