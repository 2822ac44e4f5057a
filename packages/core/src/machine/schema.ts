import * as v from "valibot"
import { Identifier } from "../identifier.ts"

export const Generation = v.pipe(v.number(), v.integer(), v.minValue(1))

/** Why a generation ended. `host`: what it ran on went away, through no fault of the session. */
export const End = v.picklist(["left", "removed", "boot", "silent", "exited", "host", "start"])
export type End = v.InferOutput<typeof End>

/** What a machine starts from: an image that holds all that a worker needs, or one on which that is installed first. */
export const Boot = v.picklist(["image", "install"])
export type Boot = v.InferOutput<typeof Boot>

/** The machine of a session: one generation at a time. */
export const Info = v.strictObject({
  sessionID: Identifier.schema("session"),
  generation: Generation,
  state: v.variant("type", [
    /** `beatAt`: when the worker was last heard of. */
    v.strictObject({ type: v.literal("active"), since: v.number(), beatAt: v.optional(v.number()) }),
    v.strictObject({ type: v.literal("ended"), since: v.number(), at: v.number(), reason: End }),
  ]),
  /** Generations in a row that ended without getting further. */
  failures: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** The turn that was open when this generation was claimed. */
  turnID: v.optional(v.string()),
  /** By which it proves what it is. */
  instanceID: v.optional(v.string()),
  /** Absent until it is known what was started. */
  boot: v.optional(Boot),
})
export type Info = v.InferOutput<typeof Info>
