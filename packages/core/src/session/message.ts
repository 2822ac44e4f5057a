import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { File } from "../file/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { fn } from "../util/fn.ts"
import { Fold } from "./fold.ts"
import { type Info, Send } from "./schema.ts"
import { load, rouse, settle } from "./store.ts"

const ID = Identifier.schema("session")
const EventID = Identifier.schema("event")

/** Says something to the agent. */
export const send = fn(
  v.strictObject({ ...Send.entries, sessionID: ID, messageID: v.optional(EventID) }),
  async ({ sessionID, messageID, message, files, ...rest }) => {
    const actor = Actor.assert("session.write", sessionID)
    if (files.length > 0) await load(sessionID)
    const own = await File.claim({ sessionID, files })
    const { event } = await place(sessionID, said(actor, { ...rest, id: messageID, text: message, files: own }), {
      repeated: messageID,
    })
    return { id: event.id, seq: event.seq }
  },
)

interface Known {
  /** The session, where it was just made. */
  fresh?: Info | undefined
  /** The event's id, where an earlier try may have come through. */
  repeated?: string | undefined
}

/** Appends at the head. */
export async function place(id: string, body: Log.Body, { fresh, repeated }: Known = {}) {
  const start = fresh ?? (await load(id))
  if (repeated && !fresh) {
    // The request that brought this id may have come through before its answer was lost.
    const event = await Log.fromID(id, repeated)
    if (event) {
      await settle(start, [])
      return { event, info: start }
    }
  }
  if (body.kind === "message" || body.kind === "answer") await rouse(id)
  const { event, news } = await Log.add({ sessionID: id, after: start.head, body })
  const before = Fold.applyAll(start, news)
  const info = event.seq > before.head ? Fold.apply(before, event) : before
  await settle(info, [event])
  return { event, info }
}

export function said(
  actor: Actor.Info,
  message: Omit<Log.BodyOf<"message">, "id" | "kind" | "author"> & { id?: string },
) {
  const { id = Identifier.create("event"), model, ...rest } = message
  return { id, kind: "message", author: nameOf(actor), ...rest, ...(model && { model }) } satisfies Log.Body
}

function nameOf(actor: Actor.Info) {
  return "name" in actor ? actor.name : actor.type
}
