import * as v from "valibot"
import { Info as Actor } from "../actor/schema.ts"
import { Identifier } from "../identifier.ts"
import { Info as Schedule } from "../schedule/schema.ts"
import { Budget, Model, Repository } from "../session/schema.ts"

/** Failures in a row after which a trigger pauses itself. */
export const mostFailures = 3
/** How many triggers an installation may have. */
export const mostTriggers = 100

export const Name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))

export const Text = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== "", "Must not be empty"),
  v.maxLength(20_000),
)

/** What happens each time: a new session with its first message, or a message to one that there is. */
export const Action = v.variant("type", [
  v.strictObject({
    type: v.literal("session"),
    message: Text,
    repository: v.optional(Repository),
    model: v.optional(Model),
    budget: v.optional(Budget),
  }),
  v.strictObject({
    type: v.literal("message"),
    sessionID: Identifier.schema("session"),
    message: Text,
    model: v.optional(Model),
  }),
])
export type Action = v.InferOutput<typeof Action>

/**
 * `active`: fires next at `next`. `paused`: a person stopped it. `failed`: it stopped itself, and why.
 * `done`: its time is over.
 */
export const State = v.variant("type", [
  v.strictObject({ type: v.literal("active"), next: v.number() }),
  v.strictObject({ type: v.literal("paused") }),
  v.strictObject({ type: v.literal("failed"), problem: v.string() }),
  v.strictObject({ type: v.literal("done") }),
])
export type State = v.InferOutput<typeof State>

/** The last time that it fired, by itself or because somebody asked for it. */
export const Run = v.variant("type", [
  v.strictObject({ type: v.literal("started"), at: v.number(), sessionID: Identifier.schema("session") }),
  v.strictObject({ type: v.literal("failed"), at: v.number(), problem: v.string() }),
])
export type Run = v.InferOutput<typeof Run>

export const Info = v.strictObject({
  id: Identifier.schema("trigger"),
  name: Name,
  schedule: Schedule,
  action: Action,
  state: State,
  /** How many times in a row nothing was started, or the session that was started failed. */
  failures: v.number(),
  last: v.optional(Run),
  creator: Actor,
  time: v.strictObject({ created: v.number(), updated: v.number() }),
})
export type Info = v.InferOutput<typeof Info>

export const Create = v.strictObject({
  name: Name,
  schedule: Schedule,
  action: Action,
  enabled: v.optional(v.boolean(), true),
})

export const Patch = v.pipe(
  v.strictObject({
    name: v.optional(Name),
    schedule: v.optional(Schedule),
    action: v.optional(Action),
    /** `true` also starts one again that has stopped itself. */
    enabled: v.optional(v.boolean()),
  }),
  v.check((patch) => Object.keys(patch).length > 0, "Name at least one of name, schedule, action, enabled"),
)

export const List = v.strictObject({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 20),
  cursor: v.optional(Identifier.schema("trigger")),
})

/** What rings hand over: which trigger, as of which revision, and the time that it was set to. */
export const Ring = v.strictObject({
  triggerID: Identifier.schema("trigger"),
  revision: v.pipe(v.number(), v.integer(), v.minValue(1)),
  at: v.number(),
})
export type Ring = v.InferOutput<typeof Ring>
