export * as Log from "./index.ts"
import { setTimeout as delay } from "node:timers/promises"
import { decodeTime } from "ulid"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { pack, unpack } from "../dynamo/pack.ts"
import { VisibleError } from "../error.ts"
import * as Blob from "./blob.ts"
import { LogEntity, type LogItem as Item } from "./entity.ts"
import { type Body, decode, type Info, type Read } from "./schema.ts"
import { inlineLimit, shorten } from "./shorten.ts"

export * from "./schema.ts"
export { filesIn } from "./refer.ts"

/**
 * A session's log: append-only, gapless, totally ordered. An append is a conditional put on the place
 * after the head that the writer saw, so the log is also the lock.
 */

/** Somebody else wrote at this place first: read the tail and try again. */
export class ConflictError extends VisibleError {
  constructor(sessionID: string, seq: number) {
    super("conflict", "log.conflict", `Event ${seq} of ${sessionID} exists already: read what is new and try again`)
  }
}

interface Append {
  sessionID: string
  /** The head that the writer has seen; 0 for an empty log. */
  after: number
  body: Body
}

/** Puts `body` at `after + 1`; again with the same id, it answers what stands there. Throws `ConflictError`. */
export async function append(input: Append): Promise<Info> {
  const event = await put(input)
  if (event) return event
  const seq = input.after + 1
  const taken = await LogEntity.get({ sessionID: input.sessionID, seq }).go({ consistent: true })
  if (taken.data?.eventID !== input.body.id) throw new ConflictError(input.sessionID, seq)
  return { ...input.body, ...place(taken.data) }
}

/** Undefined where the place is taken. */
async function put({ sessionID, after, body }: Append): Promise<Info | undefined> {
  const whole = JSON.stringify(body)
  const large = Buffer.byteLength(whole) > inlineLimit
  const item: Item = {
    sessionID,
    seq: after + 1,
    eventID: body.id,
    kind: body.kind,
    at: Date.now(),
    actor: Actor.use(),
    ...stored(large ? shorten(body) : whole),
    ...(large && { blob: await Blob.put(sessionID, whole) }),
  }
  try {
    await LogEntity.create(item).go()
  } catch (error) {
    if (Dynamo.isConditionFailed(error)) return
    throw error
  }
  return { ...body, ...place(item) }
}

/** How long an append tries to get a place before it gives up. */
const patienceMs = 30_000
const longestPauseMs = 100

/**
 * Appends at the head, wherever that is; `after` is where the writer believes it to be. Answers the
 * event and what came in between. An event that is among that already, from a try whose answer was
 * lost, is not written again.
 */
export async function add(input: Append): Promise<{ event: Info; news: Read[] }> {
  const news: Read[] = []
  const start = performance.now()
  for (let attempt = 1; performance.now() - start < patienceMs; attempt++) {
    const event = await put({ ...input, after: input.after + news.length })
    if (event) return { event, news }
    // Whoever lost steps back for longer each time: of many writers, most would only be in each other's way.
    await delay(Math.random() * Math.min(2 ** attempt, longestPauseMs))
    const tailed = await tail(input.sessionID, input.after + news.length)
    const own = tailed.findIndex((event) => event.id === input.body.id)
    news.push(...(own < 0 ? tailed : tailed.slice(0, own)))
    const found = tailed[own]
    if (found) return { event: { ...input.body, ...place(found) }, news }
  }
  throw new VisibleError("conflict", "log.busy", `The log of ${input.sessionID} is busy: try again`)
}

interface List {
  sessionID: string
  /** Exclusive bounds. */
  after?: number
  before?: number
  limit?: number
  /** `desc` reads from `before` backwards. The result always ascends. */
  order?: "asc" | "desc"
  /** Large bodies whole instead of shortened. */
  whole?: boolean
}

export async function list({ sessionID, after = 0, before = 1e10 - 1, limit = 100, order = "asc", whole }: List) {
  if (before - after < 2) return []
  const found = await LogEntity.query
    .primary({ sessionID })
    .between({ seq: after + 1 }, { seq: before - 1 })
    .go({ consistent: true, count: limit, limit, order })
  const items = [...found.data]
  if (order === "desc") items.reverse()
  return whole ? Promise.all(items.map(readWhole)) : items.map(readInline)
}

/** All that came after `after`, in short form. */
export async function tail(sessionID: string, after: number): Promise<Read[]> {
  const page = await list({ sessionID, after, limit: 500 })
  const last = page.at(-1)
  if (page.length < 500 || !last) return page
  return [...page, ...(await tail(sessionID, last.seq))]
}

/** The sequence of the newest event; 0 for an empty log. */
export async function head(sessionID: string) {
  const [newest] = await list({ sessionID, limit: 1, order: "desc" })
  return newest?.seq ?? 0
}

/** One event, whole. */
export async function fromSeq(sessionID: string, seq: number) {
  const item = await LogEntity.get({ sessionID, seq }).go({ consistent: true })
  if (!item.data) throw new VisibleError("missing", "event.missing", `There is no event ${seq} in ${sessionID}`)
  return readWhole(item.data)
}

/** The event with this id, if the log holds it: read backwards to the time at which the id was made. */
export async function fromID(sessionID: string, id: string): Promise<Read | undefined> {
  const made = decodeTime(id.slice(id.indexOf("_") + 1).toUpperCase())
  let before: number | undefined
  while (before !== 1) {
    const page = await list({ sessionID, limit: 20, order: "desc", ...(before && { before }) })
    const found = page.find((event) => event.id === id)
    const oldest = page[0]
    if (found || !oldest || oldest.at < made - clockSkewMs) return found
    before = oldest.seq
  }
  return undefined
}

/** Clocks of two machines may differ by this much. */
const clockSkewMs = 60_000

/** The form in which an event is announced and shown: large texts shortened. */
export function inline(event: Info): Read {
  const { sessionID, seq, at, actor, cut: _, ...body } = event
  if (Buffer.byteLength(JSON.stringify(body)) <= inlineLimit) return event
  return decode({ ...JSON.parse(shorten(body)), sessionID, seq, at, actor, cut: true })
}

/** Bytes up to which an item takes one unit to write in any case, and stays legible. */
const legible = 512

const stored = (json: string) => (Buffer.byteLength(json) <= legible ? { body: json } : { packed: pack(json) })

function place({ sessionID, seq, at, actor }: Pick<Item, "sessionID" | "seq" | "at" | "actor">) {
  return { sessionID, seq, at, actor }
}

function readInline(item: Item): Read {
  return decode({
    ...JSON.parse(item.packed ? unpack(item.packed) : (item.body ?? "")),
    ...place(item),
    ...(item.blob && { cut: true }),
  })
}

async function readWhole(item: Item): Promise<Read> {
  if (!item.blob) return readInline(item)
  return decode({ ...JSON.parse(await Blob.get(item.sessionID, item.blob)), ...place(item) })
}
