import * as v from "valibot"
import { Dynamo } from "../dynamo/index.ts"
import { ThreadEntity } from "./entity.ts"
import type { Place } from "./place.ts"

/** Which session belongs to a thread. A thread is named by the time stamp of its first message. */

/** Where the events of a session go: the deliverer's target. */
export const Target = v.object({
  team: v.string(),
  channel: v.string(),
  ts: v.string(),
  language: v.picklist(["en", "ja"]),
})
export type Target = v.InferOutput<typeof Target>

/** The session of this thread; undefined where it has none. */
export async function find({ team, channel, ts }: Place) {
  const item = await ThreadEntity.get({ team, channel, ts }).go({ consistent: true })
  return item.data?.sessionID
}

/** Gives the thread to a session, unless it has one; answers which it has. */
export async function open({ team, channel, ts }: Place, sessionID: string) {
  try {
    await ThreadEntity.create({ team, channel, ts, sessionID }).go()
    return sessionID
  } catch (error) {
    if (!Dynamo.isConditionFailed(error)) throw error
    return (await find({ team, channel, ts })) ?? sessionID
  }
}

/** Gives the thread to another session than `before`; a repetition changes nothing. */
export async function replace({ team, channel, ts }: Place, before: string, sessionID: string) {
  await ThreadEntity.patch({ team, channel, ts })
    .set({ sessionID })
    .where((item, { eq }) => eq(item.sessionID, before))
    .go()
    .catch((error: unknown) => {
      if (!Dynamo.isConditionFailed(error)) throw error
    })
}

/** Takes the thread from its session. */
export async function close({ team, channel, ts }: Place) {
  await ThreadEntity.delete({ team, channel, ts }).go()
}
