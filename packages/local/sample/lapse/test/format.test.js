import assert from "node:assert/strict"
import { test } from "node:test"
import { format, parse } from "../src/index.js"

test("the two largest units are shown", () => {
  assert.equal(format(0), "0ms")
  assert.equal(format(850), "850ms")
  assert.equal(format(5_400_000), "1h 30m")
  assert.equal(format(93_600_000), "1d 2h")
})

test("the number of units and their names can be chosen", () => {
  assert.equal(format(5_405_000, { parts: 3 }), "1h 30m 5s")
  assert.equal(format(5_400_000, { parts: 1 }), "2h")
  assert.equal(format(5_400_000, { long: true }), "1 hour, 30 minutes")
  assert.equal(format(86_400_000, { long: true }), "1 day")
})

test("negative lengths have a minus sign", () => {
  assert.equal(format(-90_000), "-1m 30s")
})

test("rounding up carries into the next unit", () => {
  assert.equal(format(119_700), "2m")
})

test("what is written can be read again", () => {
  for (const text of ["1w 2d", "3h 20m", "45s", "7ms"]) assert.equal(format(parse(text)), text)
})
