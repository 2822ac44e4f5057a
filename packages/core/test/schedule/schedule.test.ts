import fc from "fast-check"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { Schedule } from "../../src/schedule/index.ts"

const at = (text: string) => Date.parse(text)
const cron = (line: string, timezone = "UTC"): Schedule.Info => ({ type: "cron", cron: line, timezone })

/** The next times, as ISO text. */
function times(schedule: Schedule.Info, after: string, count: number, anchor = at(after)) {
  const found: string[] = []
  let last = at(after)
  for (let index = 0; index < count; index++) {
    const next = Schedule.next(schedule, { after: last, anchor })
    if (next === undefined) break
    found.push(new Date(next).toISOString().slice(0, 16))
    last = next
  }
  return found
}

test.each([
  ["0 9 * * *", ["2026-01-01T09:00", "2026-01-02T09:00"]],
  ["30 8 * * mon-fri", ["2026-01-01T08:30", "2026-01-02T08:30", "2026-01-05T08:30"]],
  ["0 0 1 */3 *", ["2026-04-01T00:00", "2026-07-01T00:00"]],
  ["*/20 23 31 12 *", ["2026-12-31T23:00", "2026-12-31T23:20", "2026-12-31T23:40", "2027-12-31T23:00"]],
  ["0 12 29 feb *", ["2028-02-29T12:00", "2032-02-29T12:00"]],
  ["0 6 * * 7", ["2026-01-04T06:00", "2026-01-11T06:00"]],
  ["0 6 * * 6-7", ["2026-01-03T06:00", "2026-01-04T06:00", "2026-01-10T06:00"]],
])("%s", (line, wanted) => expect(times(cron(line), "2026-01-01T00:00Z", wanted.length)).toEqual(wanted))

test("a zone's clock decides, and where it is changed no run is doubled or made up", () => {
  expect(times(cron("0 9 * * *", "Asia/Tokyo"), "2026-01-01T00:30Z", 1)).toEqual(["2026-01-02T00:00"])
  // 29 March 2026: 02:00 is followed by 03:00.
  expect(times(cron("30 2 * * *", "Europe/Berlin"), "2026-03-27T12:00Z", 2)).toEqual([
    "2026-03-28T01:30",
    "2026-03-30T00:30",
  ])
  // 25 October 2026: 02:30 is there twice.
  expect(times(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00Z", 2)).toEqual([
    "2026-10-25T00:30",
    "2026-10-26T01:30",
  ])
})

test("a rate counts from its start, and once is once", () => {
  const rate: Schedule.Info = { type: "rate", every: 6, unit: "hours" }
  const anchor = at("2026-01-01T01:00Z")
  expect(times(rate, "2026-01-01T01:00Z", 2)).toEqual(["2026-01-01T07:00", "2026-01-01T13:00"])
  expect(times(rate, "2025-12-01T00:00Z", 1, anchor)).toEqual(["2026-01-01T07:00"])
  expect(times(rate, "2026-01-03T07:00Z", 1, anchor)).toEqual(["2026-01-03T13:00"])
  const once: Schedule.Info = { type: "once", at: at("2026-05-01T10:00Z") }
  expect(times(once, "2026-01-01T00:00Z", 5)).toEqual(["2026-05-01T10:00"])
})

describe("EventBridge's words", () => {
  test.each([
    [cron("*/15 * * * *"), "cron(0,15,30,45 * * * ? *)", "UTC"],
    [cron("0 9 * * mon-fri", "Europe/Berlin"), "cron(0 9 ? * 2-6 *)", "Europe/Berlin"],
    [cron("0 9 * * 0,7"), "cron(0 9 ? * 1 *)", "UTC"],
    [cron("5 0-6/2 1,15 1-3 *"), "cron(5 0,2,4,6 1,15 1-3 ? *)", "UTC"],
    [{ type: "rate", every: 1, unit: "hours" }, "rate(1 hour)", "UTC"],
    [{ type: "rate", every: 3, unit: "days" }, "rate(3 days)", "UTC"],
    [{ type: "once", at: at("2026-05-01T10:00:05Z") }, "at(2026-05-01T10:00:05)", "UTC"],
  ] as [Schedule.Info, string, string][])("%o", (schedule, expression, timezone) =>
    expect(Schedule.expression(schedule)).toEqual({ expression, timezone }),
  )
})

test.each([
  ["0 9 * *", /five fields/],
  ["0 9 * * ? *", /five fields/],
  ["0 9 ? * *", /no day/],
  ["0 9 1-31 * mon", /not both/],
  ["0 9 2 * 0-6", /not both/],
  ["0 9 L * *", /no day/],
  ["0 9 * * mon#2", /no weekday/],
  ["60 9 * * *", /no minute/],
  ["0 24 * * *", /no hour/],
  ["0 9 0 * *", /no day/],
  ["0 9 * 13 *", /no month/],
  ["0 9 * * 8", /no weekday/],
  ["0 9 5-1 * *", /no day/],
  ["*/0 9 * * *", /no minute/],
  ["0,,5 9 * * *", /no minute/],
  ["-1 9 * * *", /no minute/],
  ["*-5 9 * * *", /no minute/],
  ["0 9 1 * mon", /not both/],
  ["0 9 31 feb,apr *", /no such day/],
  ["* * * * *", /5 minutes apart/],
  ["0,4 9 * * *", /5 minutes apart/],
  ["0,58 9,10 * * *", /5 minutes apart/],
])("%s is refused", (line, message) => {
  const parsed = v.safeParse(Schedule.Info, cron(line))
  expect(parsed.issues?.[0].message).toMatch(message)
})

test("zones that only one side knows, and rates that are too quick, are refused", () => {
  const refused = (schedule: unknown) => !v.safeParse(Schedule.Info, schedule).success
  for (const timezone of ["Mars/Olympus", "", "+09:00"]) expect(refused(cron("0 9 * * *", timezone))).toBe(true)
  expect(refused({ type: "rate", every: 4, unit: "minutes" })).toBe(true)
  expect(refused({ type: "rate", every: 400, unit: "days" })).toBe(true)
  expect(refused({ type: "rate", every: 5, unit: "minutes" })).toBe(false)
  expect(refused(cron("0,58 9,11 * * *"))).toBe(false)
})

/** A field of a cron line, and what it stands for. */
interface Part {
  text: string
  has(value: number): boolean
}

function part(min: number, max: number): fc.Arbitrary<Part> {
  const number = fc.integer({ min, max })
  const range = fc.tuple(number, number).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const)
  const step = fc.integer({ min: 2, max: 7 })
  const single = fc.oneof(
    number.map((wanted) => ({ text: `${wanted}`, has: (value: number) => value === wanted })),
    range.map(([from, to]) => ({ text: `${from}-${to}`, has: (value: number) => value >= from && value <= to })),
    step.map((by) => ({ text: `*/${by}`, has: (value: number) => (value - min) % by === 0 })),
    fc.tuple(range, step).map(([[from, to], by]) => ({
      text: `${from}-${to}/${by}`,
      has: (value: number) => value >= from && value <= to && (value - from) % by === 0,
    })),
  )
  const list = fc.array(single, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map((item) => item.text).join(","),
    has: (value: number) => parts.some((item) => item.has(value)),
  }))
  return fc.oneof(fc.constant({ text: "*", has: () => true }), list)
}

const line = fc
  .tuple(part(0, 59), part(0, 23), part(1, 31), part(1, 12), part(0, 6))
  .map((parts) => ({ text: parts.map((item) => item.text).join(" "), parts }))
  .filter(({ text }) => v.is(Schedule.Cron, text))

test("the next time is the first that fits, and EventBridge can be told of it", () => {
  const day = fc.integer({ min: at("2024-01-01"), max: at("2040-01-01") })
  fc.assert(
    fc.property(line, day, ({ text, parts: [minute, hour, date, month, weekday] }, after) => {
      const fits = (moment: Date) => hour.has(moment.getUTCHours()) && minute.has(moment.getUTCMinutes())
      const isDay = (moment: Date) =>
        month.has(moment.getUTCMonth() + 1) && date.has(moment.getUTCDate()) && weekday.has(moment.getUTCDay())
      const found = Schedule.next(cron(text), { after, anchor: after }) ?? Infinity
      const first = Math.floor(after / 60_000) * 60_000 + 60_000
      for (let moment = first; moment < Math.min(found, first + 70 * 86_400_000);) {
        const shown = new Date(moment)
        const isWrong = isDay(shown) && fits(shown)
        if (isWrong) expect(shown.toISOString()).toBe(new Date(found).toISOString())
        // A day that does not fit is left at once.
        moment = isDay(shown) ? moment + 60_000 : new Date(moment).setUTCHours(24, 0, 0, 0)
      }
      expect(isDay(new Date(found)) && fits(new Date(found))).toBe(true)
      expect(Schedule.expression(cron(text)).expression.length).toBeLessThanOrEqual(256)
    }),
    { numRuns: 200 },
  )
})

test("times go forward, and whoever asks later before the same time is told the same, where clocks are changed", () => {
  const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
  const day = fc.integer({ min: at("2024-01-01"), max: at("2030-01-01") })
  fc.assert(
    fc.property(line, zone, day, ({ text }, timezone, after) => {
      const schedule = cron(text, timezone)
      const first = Schedule.next(schedule, { after, anchor: after }) ?? 0
      expect(first).toBeGreaterThan(after)
      const between = after + Math.floor((first - after) / 2)
      expect(Schedule.next(schedule, { after: between, anchor: after })).toBe(first)
    }),
    { numRuns: 200 },
  )
})
