import fc from "fast-check"
import { expect, test } from "vitest"
import { pack, unpack } from "../../src/dynamo/pack.ts"

test("what was packed comes back, and so does what an earlier version left as it was", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(unpack(pack(json))).toBe(json)
      expect(unpack(json)).toBe(json)
    }),
    { numRuns: 200 },
  )
})
