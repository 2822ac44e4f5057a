import { expect, test } from "vitest"
import { type Decision, decide, type Failure, policy } from "../../src/deliver/decide.ts"

const passing: Failure = { type: "passing", code: "busy", message: "Busy" }
const now = 1_000_000

test.each<[string, Failure, number, number, Decision]>([
  ["the first pause is short", passing, 1, 1, { type: "retry", at: now + 2_000 }],
  ["chance halves it at most", passing, 1, 0, { type: "retry", at: now + 1_000 }],
  ["it doubles", passing, 4, 1, { type: "retry", at: now + 16_000 }],
  ["up to a bound", passing, 13, 1, { type: "retry", at: now + 900_000 }],
  ["a pause that was asked for is kept", { ...passing, afterMs: 30_000 }, 1, 1, { type: "retry", at: now + 30_000 }],
  ["a longer one of ours as well", { ...passing, afterMs: 1_000 }, 4, 1, { type: "retry", at: now + 16_000 }],
  ["tries are bounded", passing, policy.attempts, 1, { type: "abandon" }],
  ["what is never taken is left out", { ...passing, type: "unacceptable" }, 1, 1, { type: "skip" }],
  ["a closed door is not knocked at", { ...passing, type: "closed" }, 1, 1, { type: "abandon" }],
])("%s", (_, failure, attempts, chance, decision) => {
  expect(decide({ failure, attempts, now, chance })).toEqual(decision)
})
