import * as v from "valibot"
import type { Tokens } from "../usage/schema.ts"

const dollars = v.pipe(v.number(), v.minValue(0))

const rates = { input: dollars, output: dollars, cacheRead: dollars, cacheWrite: dollars }

/** US dollars for a million tokens. */
export const Price = v.strictObject({
  ...rates,
  /** What every token of a call costs whose prompt, cache included, has more than `above` tokens. */
  long: v.optional(v.strictObject({ above: v.pipe(v.number(), v.integer(), v.minValue(1)), ...rates })),
})
export type Price = v.InferOutput<typeof Price>

export const Provider = v.picklist(["anthropic", "bedrock", "demo"])
export type Provider = v.InferOutput<typeof Provider>

/** What a worker needs to call the models of a provider, beside its machine's own role. */
export const Credential = v.strictObject({ apiKey: v.optional(v.string()), baseURL: v.optional(v.string()) })
export type Credential = v.InferOutput<typeof Credential>

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
  /**
   * How thinking is asked for. `adaptive`: the model decides how much; such models refuse a number of
   * tokens. `budget`: by a number of tokens. Absent where it doesn't think, or nobody told us.
   */
  thinking: v.optional(v.picklist(["adaptive", "budget"])),
  images: v.boolean(),
  /** Absent where nobody told us: shown as unknown, never as nothing. */
  price: v.optional(Price),
})
export type Info = v.InferOutput<typeof Info>

/** US dollars of one call; null where the price is unknown, which is not nothing. */
export function cost(tokens: Tokens, model: Pick<Info, "price">) {
  if (!model.price) return null
  const { long } = model.price
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite
  const rate = long && prompt > long.above ? long : model.price
  const sum =
    tokens.input * rate.input +
    tokens.output * rate.output +
    tokens.cacheRead * rate.cacheRead +
    tokens.cacheWrite * rate.cacheWrite
  return sum / 1_000_000
}
