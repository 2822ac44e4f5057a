import { decodeTime } from "ulid"
import fc from "fast-check"
import * as v from "valibot"
import { expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import { ending, tsOf } from "../../src/slack/place.ts"

const place = fc.record({
  team: fc.constantFrom("T1", "T2"),
  channel: fc.constantFrom("C1", "C2"),
  ts: fc
    .tuple(fc.integer({ min: 1_500_000_000, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, "0")}`),
})

test("a message makes the same ids each time, its time stamp stands in them, and they sort by it", () => {
  fc.assert(
    fc.property(place, place, (one, other) => {
      const id = Identifier.create("event", ending(one))
      expect(v.is(Identifier.schema("event"), id)).toBe(true)
      expect(tsOf(id)).toBe(one.ts)
      expect(decodeTime(ending(one).toUpperCase())).toBe(Math.floor(Number(one.ts) * 1000 + 1e-4))
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      expect(ending(one) === ending(other)).toBe(isSame)
      if (one.ts < other.ts) expect(ending(one) < ending(other)).toBe(true)
    }),
  )
})
