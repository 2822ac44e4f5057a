import { describe, expect, test } from "vitest"
import { ModelError, type Problem } from "../../src/model/model.ts"
import { decide } from "../../src/model/retry.ts"

const now = 1_000_000
const error = (problem: Problem, retryAfterMs?: number) =>
  new ModelError(problem, "…", retryAfterMs === undefined ? {} : { retryAfterMs })

describe("after a failed call", () => {
  test.each<[Problem, number, number]>([
    ["overloaded", 1, 500],
    ["overloaded", 2, 1_000],
    ["overloaded", 5, 8_000],
    ["overloaded", 10, 30_000],
    ["rate", 3, 2_000],
    ["network", 6, 16_000],
    ["server", 1, 500],
  ])("%s, try %i: waits at least %i ms and at most twice that", (problem, attempt, ms) => {
    expect(decide(error(problem), attempt, now, 0)).toEqual({ type: "wait", untilMs: now + ms })
    expect(decide(error(problem), attempt, now, 1)).toEqual({ type: "wait", untilMs: now + 2 * ms })
  })

  test.each<[Problem, number]>([
    ["overloaded", 11],
    ["rate", 11],
    ["network", 7],
    ["server", 7],
    ["credentials", 1],
    ["invalid", 1],
    ["too_long", 1],
  ])("%s, try %i: gives up", (problem, attempt) => {
    expect(decide(error(problem), attempt, now, 0.5)).toEqual({ type: "give_up" })
  })

  test("the provider's own word goes before ours", () => {
    expect(decide(error("rate", 20_000), 1, now, 0)).toEqual({ type: "wait", untilMs: now + 20_000 })
    expect(decide(error("rate", 0), 4, now, 0)).toEqual({ type: "wait", untilMs: now })
  })

  test("who is to wait for very long is told instead", () => {
    expect(decide(error("rate", 3_600_000), 1, now, 0)).toEqual({ type: "give_up" })
  })
})
