import { bodies } from "@remote-swe/core/log/schema"
import { Artifact } from "@remote-swe/core/log/schema"
import { Info as Actor } from "@remote-swe/core/actor/schema"
import * as Session from "@remote-swe/core/session/schema"
import * as Trigger from "@remote-swe/core/trigger/schema"
import * as v from "valibot"

/** What routes answer, as the OpenAPI document describes it. */

export const SessionInfo = v.pipe(Session.Info, v.metadata({ ref: "Session" }))
export const SessionPage = v.strictObject({
  items: v.array(SessionInfo),
  /** Absent on the last page. */
  cursor: v.optional(v.string()),
})

export const TriggerInfo = v.pipe(Trigger.Info, v.metadata({ ref: "Trigger" }))
export const TriggerPage = v.strictObject({
  items: v.array(TriggerInfo),
  /** Absent on the last page. */
  cursor: v.optional(v.string()),
})

const sequence = v.pipe(v.number(), v.integer(), v.minValue(1))
const place = {
  sessionID: Session.Info.entries.id,
  seq: sequence,
  at: v.number(),
  actor: v.pipe(Actor, v.metadata({ ref: "Actor" })),
  cut: v.optional(v.literal(true)),
}
const kinds = bodies.map((body) => v.strictObject({ ...place, ...body.entries }))

export const Event = v.pipe(
  v.union([...kinds, v.strictObject({ ...place, id: v.string(), kind: v.literal("unknown"), raw: v.unknown() })]),
  v.metadata({ ref: "Event" }),
)
export const EventPage = v.strictObject({ items: v.array(Event), head: v.number() })
export const WorkerEventPage = v.strictObject({ events: v.array(Event), head: v.number() })

export const Said = v.strictObject({ id: v.string(), seq: sequence })

export const ArtifactPage = v.strictObject({
  items: v.array(
    v.strictObject({ seq: sequence, at: v.number(), artifact: v.pipe(Artifact, v.metadata({ ref: "Artifact" })) }),
  ),
  /** Give it as `after` to go on; absent at the end. */
  next: v.optional(v.number()),
})
