export * as Diff from "./index.ts"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Bucket } from "../bucket/index.ts"
import { Identifier } from "../identifier.ts"
import { Diff as Info } from "../protocol/schema.ts"
import { Realtime } from "../realtime/index.ts"
import { Topic } from "../realtime/topic.ts"
import { fn } from "../util/fn.ts"

const SessionID = Identifier.schema("session")

/** Stores the session's changes as they are now, and says so to whoever watches. */
export const set = fn(v.strictObject({ sessionID: SessionID, diff: Info }), async ({ sessionID, diff }) => {
  Actor.assert("session.work", sessionID)
  await Bucket.put(path(sessionID), JSON.stringify(diff), "application/json")
  await Realtime.publish(Topic.session(Realtime.root(), sessionID, "delta"), { type: "diff" })
})

/** The session's changes against its bases; none before the worker said any. */
export const fromSession = fn(SessionID, async (sessionID): Promise<v.InferOutput<typeof Info>> => {
  Actor.assert("session.read", sessionID)
  const text = await Bucket.getText(path(sessionID))
  return text ? v.parse(Info, JSON.parse(text)) : { repositories: [] }
})

const path = (sessionID: string) => `session/${sessionID}/diff.json`
