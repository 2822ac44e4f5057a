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
import { send } from "./message.ts"
import { Fork, type Info } from "./schema.ts"
import { insert, load, settle } from "./store.ts"

const ID = Identifier.schema("session")

/** What a copy carries on: the conversation and the work tree, not machines, questions or pull requests. */
const copied: readonly Log.Kind[] = ["message", "answer", "turn", "output", "result", "summary", "todo", "snapshot"]

/** A new session that goes on from the end of a turn of another one. Its cost starts at nothing. */
export const fork = fn(
  v.strictObject({ ...Fork.entries, id: ID, newID: v.optional(ID) }),
  async ({ id, newID = Identifier.create("session"), at, message }) => {
    const creator = Actor.assert("session.create")
    const info = await load(id)
    if (at !== undefined && at > info.head)
      throw new VisibleError("input", "fork.ahead", `The session ends at event ${info.head}: name one up to there`)
    const kept = await upToTurn(id, await all(id, at ?? info.head))
    const { repository, model, agentID, budget } = info
    const start = {
      ...blank(newID, creator),
      repository,
      model,
      agentID,
      budget,
      title: `${info.title.slice(0, 190)} (fork)`,
    }
    await insert(start).catch((error: unknown) => {
      // An earlier run of the same request broke off here or later.
      if (!Dynamo.isConditionFailed(error)) throw error
    })
    const messageID = Identifier.create("event", newID.slice(-26))
    if (await Log.fromID(newID, messageID)) return load(newID)
    const saved = savedFiles(kept)
    await File.copy(id, newID, new Set(saved))
    if (await File.isComplete(newID, saved)) await copy(start, kept)
    else
      await copy(
        start,
        kept.filter((event) => event.kind !== "snapshot"),
        [gone()],
      )
    if (message) await send({ sessionID: newID, messageID, message })
    return load(newID)
  },
)

async function all(sessionID: string, upTo: number): Promise<Log.Read[]> {
  const events: Log.Read[] = []
  while (events.length < upTo) {
    const limit = Math.min(200, upTo - events.length)
    events.push(...(await Log.list({ sessionID, after: events.length, limit, whole: true })))
  }
  return events
}

const isTurn = (event: Log.Read, phase: "started" | "ended") => event.kind === "turn" && event.turn.phase === phase

/** With what was saved when the last turn had ended, though that may stand behind the place that was named. */
async function upToTurn(sessionID: string, events: readonly Log.Read[]) {
  const end = events.findLastIndex((event) => isTurn(event, "ended"))
  if (end < 0) throw new VisibleError("input", "fork.early", "No turn has ended there yet: fork from a later event")
  const after = await Log.list({ sessionID, after: end + 1, limit: 200, whole: true })
  const next = after.findIndex((event) => isTurn(event, "started"))
  const saved = after.slice(0, next < 0 ? after.length : next).filter((event) => event.kind === "snapshot")
  return [...events.slice(0, end + 1), ...saved]
}

/** The files of the workspace as the copy begins with it. */
function savedFiles(events: readonly Log.Read[]) {
  const last = events.findLast((event) => event.kind === "snapshot")
  return last?.kind === "snapshot" ? Log.filesOf(last).map((file) => file.id) : []
}

const gone = (): Log.Body => ({
  id: Identifier.create("event"),
  kind: "notice",
  level: "warning",
  code: "workspace.gone",
  text: "The files of that time are no longer kept: the work begins with the repository as it is at its origin.",
})

async function copy(start: Info, events: readonly Log.Read[], more: readonly Log.Body[] = []) {
  const read = new Set(events.flatMap(readBy))
  const chosen = events.filter(
    (event): event is Log.Info =>
      event.kind !== "unknown" &&
      copied.includes(event.kind) &&
      (!["message", "answer"].includes(event.kind) || read.has(event.seq)),
  )
  const place = new Map(chosen.map((event, index) => [event.seq, index + 1]))
  const placed = await Log.tail(start.id, 0)
  const bodies = [...chosen.map((event) => renumber(event, place)), ...more]
  for (const body of bodies.slice(placed.length))
    placed.push(await Log.append({ sessionID: start.id, after: placed.length, body }))
  await settle(Fold.applyAll(start, placed), placed.slice(-1))
}

function readBy(event: Log.Read) {
  if (event.kind === "output") return event.read
  return event.kind === "turn" && event.turn.phase === "started" ? event.turn.read : []
}

function renumber(event: Log.Info, place: ReadonlyMap<number, number>): Log.Body {
  const { sessionID: _session, seq: _seq, at: _at, actor: _actor, cut: _cut, ...rest } = event
  const body: Log.Body = { ...rest, id: Identifier.create("event") }
  const moved = (seqs: readonly number[]) => seqs.flatMap((seq) => place.get(seq) ?? [])
  if (body.kind === "output")
    return { ...body, read: moved(body.read), cost: 0, tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } }
  if (body.kind === "turn" && body.turn.phase === "started")
    return { ...body, turn: { ...body.turn, read: moved(body.turn.read) } }
  if (body.kind === "summary") {
    const before = [...place].filter(([old]) => old <= body.upTo).map(([, now]) => now)
    return { ...body, upTo: Math.max(1, ...before), tokens: undefined, cost: undefined }
  }
  return body
}
