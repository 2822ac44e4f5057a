import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { File } from "../file/index.ts"
import { Log } from "../log/index.ts"
import { Fold } from "./fold.ts"
import type { Info } from "./schema.ts"
import { load, recall, settle } from "./store.ts"

/** The worker is no longer the session's: it must end and append nothing more. */
export class ReplacedError extends VisibleError {
  constructor(generation: number) {
    super("conflict", "log.replaced", `Generation ${generation} no longer works on this session`)
  }
}

interface Work {
  sessionID: string
  generation: number
  /** The head that the worker has seen. */
  after: number
  events: readonly Log.Body[]
}

/** What a worker has no business to say. */
const foreign: readonly Log.Kind[] = ["message", "stop", "answer", "setting"]

/**
 * A worker's append. Repeating one that went through, wholly or in part, is harmless. Throws
 * `Log.ConflictError` when something came in between, `ReplacedError` when another generation joined.
 */
export async function work({ sessionID, generation, after, events }: Work) {
  Actor.assert("session.work", sessionID)
  const wrong = events.find((event) => foreign.includes(event.kind))
  if (wrong) throw new VisibleError("forbidden", "log.forbidden", `A worker may not append a ${wrong.kind}`)

  const { info, done } = await at(sessionID, after, events, generation)
  const appended: Log.Info[] = []
  const reached = () => Fold.applyAll(info, appended)
  for (const body of events.slice(done)) {
    const now = reached()
    fence(now, generation, body)
    try {
      appended.push(await Log.append({ sessionID, after: now.head, body }))
    } catch (error) {
      if (appended.length > 0) await settle(now, appended)
      throw error
    }
  }
  const head = reached()
  if (appended.length > 0) await settle(head, appended)
  const snapshot = appended.findLast((event) => event.kind === "snapshot")
  if (snapshot?.kind === "snapshot") await tidy(snapshot)
  return { head: head.head }
}

/** Once a snapshot is in the log, nobody needs what it replaces. What a crash leaves goes with the next. */
async function tidy({ kept = [], ...snapshot }: Log.InfoOf<"snapshot">) {
  const needed = new Set([...Log.filesOf(snapshot).map((file) => file.id), ...kept])
  await File.release(snapshot.sessionID, { needed, before: snapshot.at })
}

/** The fold at which the first event that isn't there yet goes, and how many of `events` are there. */
async function at(sessionID: string, after: number, events: readonly Log.Body[], generation: number) {
  const known = recall(sessionID)
  if (known?.head === after) return { info: known, done: 0 }
  const info = await load(sessionID)
  if (info.head < after)
    throw new VisibleError("input", "log.ahead", `The log of ${sessionID} ends at ${info.head}, not at ${after}`)
  const since = await Log.list({ sessionID, after, limit: events.length + 1 })
  const done = since.filter((event, index) => event.id === events[index]?.id).length
  if (done === since.length) return { info, done }
  if (isReplaced(info, generation)) throw new ReplacedError(generation)
  throw new Log.ConflictError(sessionID, after + 1)
}

/** A generation joins once, under its own number, and speaks only while it is the one that joined. */
function fence(info: Info, generation: number, body: Log.Body) {
  const { worker } = info
  const may =
    body.kind === "joined"
      ? body.generation === generation && generation > info.generation
      : worker.type === "joined" && worker.generation === generation
  if (!may) throw new ReplacedError(generation)
}

const isReplaced = ({ worker, generation: newest }: Info, generation: number) =>
  newest >= generation && (worker.type === "none" || worker.generation !== generation)
