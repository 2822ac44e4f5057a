import assert from "node:assert/strict"
import { test } from "node:test"
import { parse } from "../src/index.js"

test("short and long units mean the same", () => {
  assert.equal(parse("1h 30m"), 5_400_000)
  assert.equal(parse("1 hour, 30 minutes"), 5_400_000)
  assert.equal(parse("1hr30min"), 5_400_000)
  assert.equal(parse("2 days, 4 hours and 10 seconds"), 187_210_000)
})

test("fractions and a minus sign are understood", () => {
  assert.equal(parse("1.5h"), 5_400_000)
  assert.equal(parse(".5s"), 500)
  assert.equal(parse("-1m"), -60_000)
})

test("what is no length of time is refused, with the reason", () => {
  assert.throws(() => parse(""), /at least one number/)
  assert.throws(() => parse("soon"), /Expected a number and a unit at "soon"/)
  assert.throws(() => parse("3 fortnights"), /no unit "fortnights"/)
  assert.throws(() => parse("30m 1h"), /before the smaller units/)
  assert.throws(() => parse("1h 1h"), /before the smaller units/)
})
