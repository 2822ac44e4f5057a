import { Log } from "../log/index.ts"
import { Realtime } from "../realtime/index.ts"
import { Topic } from "../realtime/topic.ts"
import type { Info } from "./schema.ts"

/** Tells who listens what was appended. Lists hear of what they show, when that is `due`. */
export async function announce(info: Info, events: readonly Log.Read[], due: boolean) {
  const root = Realtime.root()
  const topic = (channel: Topic.Channel) => Topic.session(root, info.id, channel)
  const heard = info.worker.type === "joined"
  const spoken = heard && events.some((event) => ["message", "stop", "answer", "setting"].includes(event.kind))
  await Promise.all([
    ...groups(events.map(short)).map((group) => Realtime.publish(topic("events"), message(group))),
    ...(spoken ? [nudge(info)] : []),
    ...(due ? [Realtime.publish(Topic.sessions(root), info)] : []),
  ])
}

/** Tells the session's worker how long the log is. */
export const nudge = ({ id, head }: Pick<Info, "id" | "head">) =>
  Realtime.publish(Topic.session(Realtime.root(), id, "inbox"), { head })

/** Events that were appended together make one message, as far as the broker takes it. */
function groups(events: readonly Log.Read[]) {
  const found: Log.Read[][] = []
  let room = 0
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event)) + overheadBytes
    const last = found.at(-1)
    if (!last || bytes > room) {
      found.push([event])
      room = Realtime.maxBytes
    } else last.push(event)
    room -= bytes
  }
  return found
}

/** What a message adds to each of its events. */
const overheadBytes = 100

function message([event, ...following]: readonly Log.Read[]) {
  return { seq: event?.seq, event, ...(following.length > 0 && { following }) }
}

const short = (event: Log.Read) => (event.kind === "unknown" ? event : Log.inline(event))
