import * as v from "valibot"

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Tokens of one or more model calls. `input` excludes what the cache served or stored. */
export const Tokens = v.strictObject({ input: count, output: count, cacheRead: count, cacheWrite: count })
export type Tokens = v.InferOutput<typeof Tokens>

/** `usd` counts what has a known price; `unpriced` is the number of calls that have none. */
export const Cost = v.strictObject({ usd: v.number(), unpriced: count })
export type Cost = v.InferOutput<typeof Cost>

export const Total = v.strictObject({ calls: count, tokens: Tokens, cost: Cost })
export type Total = v.InferOutput<typeof Total>

export const none: Total = {
  calls: 0,
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  cost: { usd: 0, unpriced: 0 },
}

export function add(a: Total, b: Total): Total {
  return {
    calls: a.calls + b.calls,
    tokens: {
      input: a.tokens.input + b.tokens.input,
      output: a.tokens.output + b.tokens.output,
      cacheRead: a.tokens.cacheRead + b.tokens.cacheRead,
      cacheWrite: a.tokens.cacheWrite + b.tokens.cacheWrite,
    },
    cost: { usd: a.cost.usd + b.cost.usd, unpriced: a.cost.unpriced + b.cost.unpriced },
  }
}
