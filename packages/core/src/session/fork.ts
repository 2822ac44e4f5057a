import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { File } from "../file/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { fn } from "../util/fn.ts"
import { blank } from "./blank.ts"
import { carry, savedFiles, upToTurn } from "./carry.ts"
import { send } from "./message.ts"
import { Fork } from "./schema.ts"
import { insert, load } from "./store.ts"

const ID = Identifier.schema("session")

/** A new session that goes on from the end of a turn of another one. Its cost starts at nothing. */
export const fork = fn(
  v.strictObject({ ...Fork.entries, id: ID, newID: v.optional(ID) }),
  async ({ id, newID = Identifier.create("session"), at, message }) => {
    const creator = Actor.assert("session.create")
    const info = await load(id)
    if (at !== undefined && at > info.head)
      throw new VisibleError("input", "fork.ahead", `The session ends at event ${info.head}: name one up to there`)
    const last = at ?? info.head
    // What was saved when the last turn had ended may stand behind the place that was named.
    const after = await Log.list({ sessionID: id, after: last, limit: 200, whole: true })
    const kept = upToTurn(await all(id, last), after)
    if (kept.length === 0)
      throw new VisibleError("input", "fork.early", "No turn has ended there yet: fork from a later event")
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
    await File.copy(id, newID, new Set(savedFiles(kept)))
    await carry(start, kept)
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
