import { Actor } from "@remote-swe/core/actor"
import { Trigger } from "@remote-swe/core/trigger"
import * as v from "valibot"

/** As EventBridge Scheduler fills it in. */
const Event = v.strictObject({ ...Trigger.Ring.entries, at: v.pipe(v.string(), v.isoTimestamp()) })

/** A trigger's timer has rung. What fails is tried again by Lambda, and goes to the dead letters after that. */
export async function handler(event: unknown) {
  const { at, ...ring } = v.parse(Event, event)
  await Actor.provide({ type: "system" }, () => Trigger.fire({ ...ring, at: Date.parse(at) }))
}
