export * as Session from "./index.ts"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { File } from "../file/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { fn } from "../util/fn.ts"
import { Fold } from "./fold.ts"
import { blank } from "./blank.ts"
import { place, said } from "./message.ts"
import { Create, type Info, Patch, Reply } from "./schema.ts"
import { insert, load, settle } from "./store.ts"

export * from "./schema.ts"
export { NotFoundError, recall } from "./store.ts"
export { nudge } from "./announce.ts"
export { children, list, List, unrest } from "./list.ts"
export { send } from "./message.ts"
export { work } from "./work.ts"
export { fork } from "./fork.ts"
export { fromExport } from "./import.ts"
export { remove } from "./remove.ts"
export const { needsWork } = Fold

const ID = Identifier.schema("session")
const EventID = Identifier.schema("event")

/** A new session with its first message; the same `id` and `messageID` again make no second one. */
export const create = fn(
  v.strictObject({ ...Create.entries, id: v.optional(ID), messageID: v.optional(EventID) }),
  async ({ id = Identifier.create("session"), messageID, message, files, source, title, ...rest }) => {
    const creator = Actor.assert("session.create")
    const { budget, parentID } = rest
    const own = await File.claim({ sessionID: id, files })
    const start = { ...blank(id, creator), ...rest, budget, parentID, title: title ?? titleOf(message) }
    const fresh = await insert(start).then(
      () => start,
      (error: unknown) => {
        if (Dynamo.isConditionFailed(error)) return undefined
        throw error
      },
    )
    const body = said(creator, {
      id: messageID,
      text: message,
      files: own,
      source,
      model: rest.model,
      delivery: "steer",
    })
    return (await place(id, body, { fresh, repeated: messageID })).info
  },
)

/** The session as its log stands. */
export const fromID = fn(ID, async (id) => {
  Actor.assert("session.read", id)
  return load(id)
})

/** Interrupts the turn in progress, and takes back what nobody has read. */
export const stop = fn(ID, async (id) => {
  Actor.assert("session.write", id)
  return (await place(id, { id: Identifier.create("event"), kind: "stop" })).info
})

/** Closes the session; a later message opens it again. */
export const complete = fn(ID, async (id) => update({ id, status: "done" }))

/** Changes title, budget or status. */
export const update = fn(v.intersect([v.object({ id: ID }), v.looseObject({})]), async ({ id, ...rest }) => {
  Actor.assert("session.write", id)
  const { title, budget, status } = v.parse(Patch, rest)
  const events: Log.Body[] = []
  if (title !== undefined) events.push({ id: Identifier.create("event"), kind: "title", title })
  const setting = { ...(budget !== undefined && { budget }), ...(status && { done: status === "done" }) }
  if (Object.keys(setting).length > 0) events.push({ id: Identifier.create("event"), kind: "setting", ...setting })
  for (const body of events) await place(id, body)
  return load(id)
})

/** Answers what the agent asked, once for a `messageID`. An approved budget question raises the limit by its own amount. */
export const reply = fn(
  v.strictObject({ ...Reply.entries, id: ID, messageID: v.optional(EventID) }),
  async ({ id, messageID, askID, text, approved }) => {
    Actor.assert("session.write", id)
    const info = await load(id)
    if (messageID && (await Log.fromID(id, messageID))) return info
    if (info.waitingOn?.askID !== askID)
      throw new VisibleError("conflict", "ask.over", "This question was answered already, or the agent has gone on")
    if (info.waitingOn.type === "budget" && approved && info.budget !== undefined) {
      const budget = Math.max(info.usage.cost.usd, info.budget) + info.budget
      await place(id, { id: Identifier.create("event"), kind: "setting", budget })
    }
    const body: Log.Body = { id: messageID ?? Identifier.create("event"), kind: "answer", askID, text }
    return (await place(id, approved === undefined ? body : { ...body, approved })).info
  },
)

/** Events after (or, with `before`, up to) a sequence, in order and in short form. */
export const events = fn(
  v.strictObject({
    id: ID,
    after: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    before: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
  }),
  async ({ id, after, before, limit }) => {
    const info = await fromID(id)
    if (info.head <= after) return { items: [], head: info.head }
    const items = await Log.list({
      sessionID: id,
      after,
      limit,
      ...(before && { before, order: "desc" as const }),
    })
    return { items, head: info.head }
  },
)

/** Appends at the head as the current actor: for the system's own events. */
export async function add(sessionID: string, body: Log.Body) {
  Actor.assert("session.write", sessionID)
  return (await place(sessionID, body)).info
}

/** The same while `still` holds of the session as its log stands; nothing once it does not. */
export async function addWhile(sessionID: string, body: Log.Body, still: (info: Info) => boolean): Promise<void> {
  Actor.assert("session.write", sessionID)
  const info = await load(sessionID)
  if (!still(info)) return
  try {
    const event = await Log.append({ sessionID, after: info.head, body })
    await settle(Fold.apply(info, event), [event])
  } catch (error) {
    if (!(error instanceof Log.ConflictError)) throw error
    return addWhile(sessionID, body, still)
  }
}

function titleOf(message: string) {
  const line = message.trim().split("\n", 1)[0] ?? ""
  return line.length > 80 ? `${line.slice(0, 79).trimEnd().toWellFormed()}…` : line
}
