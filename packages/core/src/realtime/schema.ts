import * as v from "valibot"

const topics = v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(256)))

/** Topics that a client may use, `*` standing for anything. */
export const Topics = v.strictObject({ subscribe: topics, publish: topics })
export type Topics = v.InferOutput<typeof Topics>

/** What a client needs to connect: every topic begins with `root`. */
export const Access = v.strictObject({
  url: v.string(),
  token: v.string(),
  root: v.string(),
  expiresAt: v.number(),
})
export type Access = v.InferOutput<typeof Access>
