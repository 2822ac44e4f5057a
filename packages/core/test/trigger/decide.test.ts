import { describe, expect, test } from "vitest"
import { after, count, decide, type Known } from "../../src/trigger/decide.ts"

const minute = 60_000
const now = Date.parse("2026-05-04T09:00:30Z")
const at = Date.parse("2026-05-04T09:00:00Z")

const known: Known = {
  schedule: { type: "cron", cron: "0 9 * * *", timezone: "UTC" },
  anchor: 0,
  revision: 3,
  state: { type: "active", next: at },
  failures: 0,
}

describe("a ring", () => {
  test.each<[string, Partial<Known> | undefined, { revision?: number; at?: number }, object]>([
    ["of a trigger that is due fires it", {}, {}, { type: "fire", attempt: 1 }],
    ["for a later time fires it", { claimed: at - minute, settled: at - minute }, {}, { type: "fire", attempt: 1 }],
    ["for a time that was fired does nothing", { claimed: at, settled: at }, {}, { type: "done" }],
    ["for a time before the last does nothing", { claimed: at + minute }, {}, { type: "done" }],
    [
      "for a time that somebody is at does nothing",
      { claimed: at, claimUntil: now + 1, attempts: 1 },
      {},
      { type: "done" },
    ],
    [
      "for a time that somebody left fires it again",
      { claimed: at, claimUntil: 0, attempts: 1 },
      {},
      { type: "fire", attempt: 2 },
    ],
    ["of a paused trigger does nothing", { state: { type: "paused" } }, {}, { type: "done" }],
    ["of one that stopped itself does nothing", { state: { type: "failed", problem: "x" } }, {}, { type: "done" }],
    ["of one that is over does nothing", { state: { type: "done" } }, {}, { type: "done" }],
    ["of an earlier schedule is stale", {}, { revision: 2 }, { type: "stale" }],
    ["of a removed trigger is stale", { removed: true }, {}, { type: "stale" }],
    ["of nothing is stale", undefined, {}, { type: "stale" }],
  ])("%s", (_, change, ring, wanted) => {
    const item = change && { ...known, ...change }
    expect(decide(item, { revision: 3, at, ...ring }, now)).toEqual(wanted)
  })
})

test("failures are counted in a row, sessions that failed among them", () => {
  const started = { type: "started", at, sessionID: "ses_1" } as const
  const failed = { type: "failed", at, problem: "x" } as const
  expect(count({ failures: 0 }, false)).toBe(0)
  expect(count({ failures: 1, last: failed }, false)).toBe(1)
  expect(count({ failures: 1, last: started }, true)).toBe(2)
  expect(count({ failures: 2, last: started }, false)).toBe(0)
})

describe("after it fired", () => {
  const tomorrow = { type: "active", next: at + 24 * 60 * minute }
  test("the next time is set", () => expect(after(known, { at, failures: 0 }, now)).toEqual(tomorrow))
  test("a few failures change nothing", () =>
    expect(after(known, { at, failures: 2, problem: "x" }, now)).toEqual(tomorrow))
  test("three stop it", () =>
    expect(after(known, { at, failures: 3, problem: "No such model" }, now)).toEqual({
      type: "failed",
      problem: "No such model",
    }))
  test("times that were missed are not made up for", () => {
    const late = now + 10 * 24 * 60 * minute
    expect(after(known, { at, failures: 0 }, late)).toEqual({ type: "active", next: at + 11 * 24 * 60 * minute })
  })
  test("once is enough", () => {
    const once = { ...known, schedule: { type: "once", at } as const }
    expect(after(once, { at, failures: 1, problem: "x" }, now)).toEqual({ type: "done" })
  })
})
