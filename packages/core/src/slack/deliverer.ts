import { Resource } from "sst"
import * as v from "valibot"
import type { Deliverer } from "../deliver/index.ts"
import { explain } from "./client.ts"
import { perform } from "./perform.ts"
import { type Act, kinds, plan } from "./plan.ts"
import { Target } from "./thread.ts"

export const address = (sessionID: string) => `${Resource.Settings.webURL}/session/${sessionID}`

/** Brings a session's events to its thread. */
export const deliverer: Deliverer<Act> = {
  name: "slack",
  kinds,
  plan: (state, event, target) => plan(state, event, v.parse(Target, target), address),
  perform: (act, context) => perform(act, context, address),
  explain,
}
