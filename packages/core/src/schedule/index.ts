export * as Schedule from "./index.ts"
import { wall } from "./clock.ts"
import { type Fields, type Info, parse, unitMs } from "./schema.ts"

export * from "./schema.ts"

const dayMs = unitMs.days
/** From one 29 February to the next there may be eight years. */
const farDays = 8 * 366 + 1
/** The furthest that any zone's clock is ahead of UTC, and behind it. */
const aheadMs = 15 * unitMs.hours

export interface From {
  /** The moment after which the next one is wanted. */
  after: number
  /** When a rate began to count. */
  anchor: number
}

/**
 * The first time after a moment, in epoch ms; undefined when there is none. Where clocks are put forward,
 * a time that they leave out is skipped; where they are put back, the first of two counts: as EventBridge
 * Scheduler does it.
 */
export function next(schedule: Info, { after, anchor }: From): number | undefined {
  switch (schedule.type) {
    case "once":
      return schedule.at > after ? schedule.at : undefined
    case "rate": {
      const period = schedule.every * unitMs[schedule.unit]
      return anchor + Math.max(1, Math.floor((after - anchor) / period) + 1) * period
    }
    case "cron":
      return byClock(fieldsOf(schedule.cron), schedule.timezone, after)
  }
}

/** The schedule in the words of EventBridge Scheduler. */
export function expression(schedule: Info): { expression: string; timezone: string } {
  switch (schedule.type) {
    case "once":
      return { expression: `at(${new Date(schedule.at).toISOString().slice(0, 19)})`, timezone: "UTC" }
    case "rate": {
      const unit = schedule.every === 1 ? schedule.unit.slice(0, -1) : schedule.unit
      return { expression: `rate(${schedule.every} ${unit})`, timezone: "UTC" }
    }
    case "cron":
      return { expression: `cron(${words(fieldsOf(schedule.cron))})`, timezone: schedule.timezone }
  }
}

function fieldsOf(cron: string) {
  const parsed = parse(cron)
  if (parsed.type === "problem") throw new Error(`A schedule was stored that is none: ${parsed.problem}`)
  return parsed.fields
}

function byClock({ minute, hour, day, month, weekday }: Fields, timezone: string, after: number) {
  const clock = wall(timezone)
  const today = clock.read(after)
  const first = today - (today % dayMs)
  for (let date = first; date < first + farDays * dayMs; date += dayMs) {
    const at = new Date(date)
    if (!month.includes(at.getUTCMonth() + 1)) continue
    if (!day.includes(at.getUTCDate()) || !weekday.includes(at.getUTCDay())) continue
    for (const h of hour)
      for (const m of minute) {
        const shown = date + h * unitMs.hours + m * unitMs.minutes
        if (shown + aheadMs <= after) continue
        const moment = clock.moment(shown)
        if (moment !== undefined && moment > after) return moment
      }
  }
  return
}

/** Six fields, with `?` for the one of the two kinds of days that says nothing, and weekdays from 1. */
function words({ minute, hour, day, month, weekday }: Fields) {
  const byWeek = weekday.length < 7
  return [
    list(minute, 60),
    list(hour, 24),
    byWeek ? "?" : list(day, 31),
    list(month, 12),
    byWeek
      ? list(
          weekday.map((value) => value + 1),
          7,
        )
      : "?",
    "*",
  ].join(" ")
}

/** `*`, or numbers with runs of them as ranges: no steps, which both sides count from different ends. */
function list(values: readonly number[], all: number) {
  if (values.length === all) return "*"
  const ranges: [from: number, to: number][] = []
  for (const value of values) {
    const last = ranges.at(-1)
    if (last && last[1] === value - 1) last[1] = value
    else ranges.push([value, value])
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(",")
}
