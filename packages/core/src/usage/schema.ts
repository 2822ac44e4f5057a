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

/** A day in UTC, such as 2026-11-22. */
export const Day = v.pipe(
  v.string(),
  v.isoDate("Must be a day such as 2026-11-22"),
  v.check((day) => new Date(day).toJSON()?.startsWith(day) ?? false, "There is no such day"),
)

/** What one session has used on one day, by model. */
export const Row = v.strictObject({
  sessionID: v.string(),
  day: Day,
  /** The head of the log that this was counted to: an older count never replaces a newer one. */
  seq: count,
  models: v.record(v.string(), Total),
})
export type Row = v.InferOutput<typeof Row>

export const maxDays = 400
export const maxSessions = 200

/** From one day to another, both included. */
export const Query = v.pipe(
  v.strictObject({ from: Day, to: Day }),
  v.check(({ from, to }) => from <= to, "`from` must not be after `to`"),
  v.check(
    ({ from, to }) => Date.parse(to) - Date.parse(from) < maxDays * 86_400_000,
    `The days from \`from\` to \`to\` may be at most ${maxDays}`,
  ),
)

/** Days ascend; models and sessions come with the most expensive first. */
export const Report = v.strictObject({
  from: Day,
  to: Day,
  total: Total,
  days: v.array(v.strictObject({ day: Day, total: Total })),
  models: v.array(v.strictObject({ modelID: v.string(), total: Total })),
  sessions: v.array(v.strictObject({ sessionID: v.string(), total: Total })),
  /** Sessions that are counted above and not listed. */
  omitted: count,
})
export type Report = v.InferOutput<typeof Report>
