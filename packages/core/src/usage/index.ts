export * as Usage from "./index.ts"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { fn } from "../util/fn.ts"
import { UsageEntity } from "./entity.ts"
import { add, maxSessions, none, Query, type Report, Row, type Total } from "./schema.ts"

export * from "./schema.ts"

/** Stores a session's whole use on a day. Repeating it, or an older count that comes late, changes nothing. */
export const set = fn(Row, async (row) => {
  await UsageEntity.put({ ...row, month: month(row.day) })
    .where(({ seq }, { notExists, lte }) => `${notExists(seq)} OR ${lte(seq, row.seq)}`)
    .go()
    .catch((error: unknown) => {
      if (!Dynamo.isConditionFailed(error)) throw error
    })
})

/** What was used from one day to another, both included, deleted sessions too. */
export const report = fn(Query, async ({ from, to }): Promise<Report> => {
  Actor.assert("usage.read")
  const days = new Map<string, Total>()
  const models = new Map<string, Total>()
  const sessions = new Map<string, Total>()
  for (const month of months(from, to)) {
    for (const row of await rows(month, from, to)) {
      for (const [modelID, total] of Object.entries(row.models)) {
        count(days, row.day, total)
        count(models, modelID, total)
        count(sessions, row.sessionID, total)
      }
    }
  }
  return {
    from,
    to,
    total: [...days.values()].reduce(add, none),
    days: [...days].map(([day, total]) => ({ day, total })).sort((a, b) => a.day.localeCompare(b.day)),
    models: [...models].map(([modelID, total]) => ({ modelID, total })).sort(dearest),
    sessions: [...sessions]
      .map(([sessionID, total]) => ({ sessionID, total }))
      .sort(dearest)
      .slice(0, maxSessions),
    omitted: Math.max(0, sessions.size - maxSessions),
  }
})

const month = (day: string) => day.slice(0, 7)

async function rows(month: string, from: string, to: string) {
  const found = await UsageEntity.query
    .primary({ month })
    .between({ day: from }, { day: `${to}~` })
    .go({ pages: "all" })
  return found.data
}

function months(from: string, to: string) {
  const number = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
  return Array.from({ length: number(to) - number(from) + 1 }, (_, index) => {
    const at = number(from) + index
    return `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`
  })
}

function count(totals: Map<string, Total>, key: string, total: Total) {
  totals.set(key, add(totals.get(key) ?? none, total))
}

const tokens = ({ tokens }: Total) => tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite

function dearest(a: { total: Total }, b: { total: Total }) {
  return b.total.cost.usd - a.total.cost.usd || tokens(b.total) - tokens(a.total)
}
