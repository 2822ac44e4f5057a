import * as v from "valibot"
import { Identifier } from "../identifier.ts"

export const Name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))

/** `full`: all that a person may do. `sessions`: all but managing keys. */
export const Scope = v.picklist(["full", "sessions"])
export type Scope = v.InferOutput<typeof Scope>

export const Info = v.strictObject({
  id: Identifier.schema("key"),
  name: Name,
  /** The first characters of the key, to recognise it by. */
  prefix: v.string(),
  scope: Scope,
  creator: v.string(),
  time: v.strictObject({ created: v.number(), used: v.optional(v.number()), expires: v.optional(v.number()) }),
})
export type Info = v.InferOutput<typeof Info>

export const Create = v.strictObject({
  name: Name,
  /** Days until it ends; without it the key has no end. */
  days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))),
  scope: v.optional(Scope, "sessions"),
})

/** A new key. `secret` is the key itself: it is shown this once. */
export const Created = v.strictObject({ ...Info.entries, secret: v.string() })
