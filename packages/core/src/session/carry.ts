import { File } from "../file/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { Fold } from "./fold.ts"
import type { Info } from "./schema.ts"
import { settle } from "./store.ts"

/** What a copy carries on: the conversation and the work tree, not machines, questions or pull requests. */
const copied: readonly Log.Kind[] = ["message", "answer", "turn", "output", "result", "summary", "todo", "snapshot"]

const isTurn = (event: Log.Read, phase: "started" | "ended") => event.kind === "turn" && event.turn.phase === phase

/** Up to the end of the last turn, with what was saved of it behind that; nothing where no turn has ended. */
export function upToTurn(events: readonly Log.Read[], after: readonly Log.Read[] = []) {
  const end = events.findLastIndex((event) => isTurn(event, "ended"))
  if (end < 0) return []
  const behind = [...events.slice(end + 1), ...after]
  const next = behind.findIndex((event) => isTurn(event, "started"))
  const saved = behind.slice(0, next < 0 ? behind.length : next).filter((event) => event.kind === "snapshot")
  return [...events.slice(0, end + 1), ...saved]
}

/** The files of the workspace as a copy begins with it. */
export function savedFiles(events: readonly Log.Read[]) {
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

/**
 * Writes what a copy carries on into the log of `start`, a session that there is; again, it goes on where it broke
 * off. Without the files of the workspace it says so, and begins with none.
 */
export async function carry(start: Info, events: readonly Log.Read[]) {
  if (await File.isComplete(start.id, savedFiles(events))) return copy(start, events)
  const others = events.filter((event) => event.kind !== "snapshot")
  return copy(start, others, [gone()])
}

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
