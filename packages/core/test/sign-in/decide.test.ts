import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkMs, decide, graceMs, lifeMs, marginMs } from "../../src/sign-in/decide.ts"

const hour = 3_600_000
const facts = { created: 0, checked: 0, ends: hour, renewable: true }

describe("a sign-in", () => {
  test.each([
    ["just made", facts, 0, "good"],
    ["shortly before it is checked", facts, checkMs - 1, "good"],
    ["when it is to be checked", facts, checkMs, "due"],
    ["whose id token is about to end", { ...facts, ends: 10 * 60_000 }, 10 * 60_000 - marginMs, "due"],
    ["whose id token is shorter than the margin", { ...facts, ends: 1_000 }, 0, "due"],
    ["that nobody could check for long", facts, graceMs, "overdue"],
    ["that was checked since", { ...facts, checked: graceMs, ends: 2 * hour }, graceMs, "good"],
    ["at its end", { ...facts, checked: lifeMs, ends: lifeMs + hour }, lifeMs, "ended"],
    ["without a refresh token", { ...facts, renewable: false }, hour - 1, "good"],
    ["without a refresh token, after its id token", { ...facts, renewable: false }, hour, "ended"],
  ])("%s", (_, item, now, decision) => expect(decide(item, now)).toBe(decision))

  test("is never good for longer than a check allows", () => {
    const time = fc.integer({ min: 0, max: lifeMs * 2 })
    fc.assert(
      fc.property(time, time, time, (created, checked, now) => {
        const decision = decide({ created, checked, ends: checked + hour, renewable: true }, now)
        if (decision === "good") expect(now - checked).toBeLessThan(checkMs)
        if (decision === "due") expect(now - checked).toBeLessThan(graceMs)
      }),
    )
  })
})
