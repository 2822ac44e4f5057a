import * as v from "valibot"

/** Runs of one schedule are at least so far apart: each may start a machine and call a model. */
export const leastMinutes = 5

/** What a cron line stands for: all values of each field, in order. Weekdays count from Sunday, which is 0. */
export interface Fields {
  minute: readonly number[]
  hour: readonly number[]
  day: readonly number[]
  month: readonly number[]
  weekday: readonly number[]
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

interface Field {
  name: keyof Fields
  min: number
  max: number
  /** What may stand for `min` and the numbers that follow. */
  names: readonly string[]
}

const fields: readonly Field[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: months },
  // Both 0 and 7 are Sunday.
  { name: "weekday", min: 0, max: 7, names: weekdays },
]

const daysOf = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export type Parsed = { type: "fields"; fields: Fields } | { type: "problem"; problem: string }

/**
 * Reads the five fields of a crontab line: `minute hour day month weekday`, each `*`, numbers or names,
 * ranges `a-b`, steps with `/n`, and lists of these. What EventBridge Scheduler cannot say as well is a problem.
 */
export function parse(text: string): Parsed {
  const words = text.trim().split(/\s+/)
  if (words.length !== fields.length) return problem("A cron line has five fields: minute hour day month weekday")
  // By the text: crontab takes `1-31` beside a weekday for "one or the other", EventBridge for every day.
  if (words[2] !== "*" && words[4] !== "*")
    return problem("Name days of the month or days of the week, not both: leave one of them *")
  const read = fields.map((field, index) => valuesOf(field, words[index] ?? ""))
  const wrong = read.find((item) => "problem" in item)
  if (wrong && "problem" in wrong) return problem(wrong.problem)
  const [minute = [], hour = [], day = [], month = [], weekday = []] = read.map((item) =>
    "values" in item ? item.values : [],
  )
  const found = { minute, hour, day, month, weekday }
  const fault = faultOf(found)
  return fault ? problem(fault) : { type: "fields", fields: found }
}

const problem = (text: string) => ({ type: "problem" as const, problem: text })

type Values = { values: readonly number[] } | { problem: string }

function valuesOf(field: Field, word: string): Values {
  const found = new Set<number>()
  for (const part of word.split(",")) {
    const range = rangeOf(field, part)
    if (!range) return { problem: `“${part.slice(0, 20)}” is no ${field.name} that a cron line may have` }
    for (let value = range.from; value <= range.to; value += range.step)
      found.add(field.name === "weekday" ? value % 7 : value)
  }
  return { values: [...found].toSorted((one, other) => one - other) }
}

function rangeOf(field: Field, part: string) {
  const [, first = "", , last, by] = /^(\*|[a-z\d]+)(-([a-z\d]+))?(?:\/(\d{1,2}))?$/i.exec(part) ?? []
  const top = field.name === "weekday" ? 6 : field.max
  const step = by === undefined ? 1 : Number(by)
  if (first === "" || step === 0 || (first === "*" && last !== undefined)) return
  const from = first === "*" ? field.min : numberOf(field, first)
  const end = by === undefined && first !== "*" ? from : top
  const to = last === undefined ? end : numberOf(field, last)
  if (from === undefined || to === undefined || from > to) return
  return { from, to, step }
}

function numberOf({ min, max, names }: Field, text: string) {
  const index = names.indexOf(text.toLowerCase())
  if (index >= 0) return min + index
  const value = /^\d{1,2}$/.test(text) ? Number(text) : -1
  return value >= min && value <= max ? value : undefined
}

function faultOf(found: Fields) {
  const { day, month } = found
  if (!month.some((number) => (day[0] ?? 0) <= (daysOf[number - 1] ?? 0))) return "There is no such day in these months"
  if (closest(found) < leastMinutes) return `Runs must be at least ${leastMinutes} minutes apart`
  return
}

/** Minutes between the two runs of a day that are closest to each other. */
function closest({ minute, hour }: Fields) {
  const within = minute.slice(1).map((value, index) => value - (minute[index] ?? 0))
  const isNext = hour.some((value) => hour.includes((value + 1) % 24))
  return Math.min(60, ...within, ...(isNext ? [60 + (minute[0] ?? 0) - (minute.at(-1) ?? 0)] : []))
}

const problemOf = (text: string) => {
  const parsed = parse(text)
  return parsed.type === "problem" ? parsed.problem : undefined
}

export const Cron = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(200),
  v.check(
    (text) => problemOf(text) === undefined,
    (issue) => problemOf(issue.input) ?? "Not a cron line",
  ),
)

/** A name of the time zone database, such as `Europe/Berlin`. */
export const Timezone = v.pipe(
  v.string(),
  v.maxLength(50),
  v.check((name) => /^[A-Z]/i.test(name) && isTimezone(name), "Must be a time zone such as Europe/Berlin, or UTC"),
)

function isTimezone(timeZone: string) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== ""
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

export const Unit = v.picklist(["minutes", "hours", "days"])
export type Unit = v.InferOutput<typeof Unit>

export const unitMs: Record<Unit, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 }

/** `cron`: by the clock of a time zone. `rate`: again and again. `once`: at one moment, in epoch ms. */
export const Info = v.pipe(
  v.variant("type", [
    v.strictObject({ type: v.literal("cron"), cron: Cron, timezone: v.optional(Timezone, "UTC") }),
    v.strictObject({
      type: v.literal("rate"),
      every: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
      unit: Unit,
    }),
    v.strictObject({ type: v.literal("once"), at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4e12)) }),
  ]),
  v.check(
    (given) => given.type !== "rate" || given.every * unitMs[given.unit] >= leastMinutes * unitMs.minutes,
    `Runs must be at least ${leastMinutes} minutes apart`,
  ),
  v.check(
    (given) => given.type !== "rate" || given.every * unitMs[given.unit] <= 366 * unitMs.days,
    "Runs may be a year apart, not more",
  ),
)
export type Info = v.InferOutput<typeof Info>
