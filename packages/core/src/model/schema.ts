import * as v from "valibot"

const dollars = v.pipe(v.number(), v.minValue(0))

/** US dollars for a million tokens. */
export const Price = v.strictObject({ input: dollars, output: dollars, cacheRead: dollars, cacheWrite: dollars })
export type Price = v.InferOutput<typeof Price>

export const Provider = v.picklist(["anthropic", "bedrock", "demo"])
export type Provider = v.InferOutput<typeof Provider>

export const Info = v.strictObject({
  /** What people and the log call it. */
  id: v.string(),
  name: v.string(),
  /** Its name at each provider that has it. */
  providerID: v.partial(v.strictObject({ anthropic: v.string(), bedrock: v.string(), demo: v.string() })),
  /** Tokens. */
  context: v.pipe(v.number(), v.integer()),
  maxOutput: v.pipe(v.number(), v.integer()),
  reasoning: v.boolean(),
  /** It decides itself how much it reasons, and refuses a number of tokens for it. */
  adaptive: v.optional(v.boolean()),
  images: v.boolean(),
  /** Absent where nobody told us: shown as unknown, never as nothing. */
  price: v.optional(Price),
})
export type Info = v.InferOutput<typeof Info>
