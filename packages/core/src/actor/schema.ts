import * as v from "valibot"
import { Identifier } from "../identifier.ts"

/** Who does something. Stored with every event, so it carries nothing secret. */
export const Info = v.variant("type", [
  v.strictObject({ type: v.literal("public") }),
  v.strictObject({
    type: v.literal("user"),
    userID: v.string(),
    name: v.string(),
    /** They may manage keys as well. */
    admin: v.optional(v.literal(true)),
  }),
  v.strictObject({
    type: v.literal("key"),
    keyID: Identifier.schema("key"),
    name: v.string(),
    /** It may manage keys as well. */
    admin: v.optional(v.literal(true)),
  }),
  v.strictObject({
    type: v.literal("worker"),
    sessionID: Identifier.schema("session"),
    generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  /** A schedule that somebody set up. */
  v.strictObject({ type: v.literal("trigger"), triggerID: Identifier.schema("trigger"), name: v.string() }),
  v.strictObject({ type: v.literal("system") }),
])
export type Info = v.InferOutput<typeof Info>
