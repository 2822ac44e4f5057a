import { Resource } from "sst"
import type { Schedule } from "../schedule/index.ts"

/** What a timer has to know of a trigger. */
export interface Timer {
  id: string
  revision: number
  schedule: Schedule.Info
  /** The first time that it rings. */
  next: number
}

/** Whoever rings at the times of triggers: EventBridge Scheduler in the cloud. */
export interface Provider {
  /** Sets the trigger's timer, in place of the one that it had. */
  set(timer: Timer): Promise<void>
  /** Takes the timer away; harmless where there is none. */
  unset(id: string): Promise<void>
}

let found: Promise<Provider> | undefined

/** Undefined where nobody rings: there the sweeper looks at the clock. */
export async function provider(): Promise<Provider | undefined> {
  if (!("Scheduler" in Resource)) return
  return (found ??= import("./event-bridge.ts").then(({ create }) => create()))
}
