import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import { Fold } from "../../src/session/fold.ts"
import { blank } from "../../src/session/blank.ts"
import type { Body } from "../../src/log/schema.ts"
import { log, placed } from "../log/arbitrary.ts"
import { eventID, owner } from "../util.ts"

const id = Identifier.create("session")
const start = { ...blank(id, owner), time: { created: 1, updated: 1 } }

describe("the fold of a log", () => {
  test("of any prefix and then the rest is the fold of the whole", () => {
    fc.assert(
      fc.property(log(id), fc.nat(40), (events, cut) => {
        const prefix = Fold.applyAll(start, events.slice(0, cut))
        const stored = JSON.parse(JSON.stringify(prefix))
        expect(Fold.applyAll(stored, events.slice(cut))).toEqual(Fold.applyAll(start, events))
      }),
      { numRuns: 1_000 },
    )
  })

  test("refuses an event that is not next", () => {
    fc.assert(
      fc.property(log(id, 10), (events) => {
        const second = events[1]
        if (second) expect(() => Fold.apply(start, second)).toThrow(/not next/)
      }),
    )
  })

  test("leaves an unknown kind alone but for its place", () => {
    const event = { sessionID: id, seq: 1, at: 5, actor: owner, id: "evt", kind: "unknown" as const, raw: {} }
    expect(Fold.apply(start, event)).toEqual({ ...start, head: 1, time: { created: 1, updated: 5 } })
  })

  test("has no work and no open turn after a stop that nobody is there to obey", () => {
    fc.assert(
      fc.property(log(id), (events) => {
        const info = Fold.applyAll(start, events)
        const stop = { sessionID: id, seq: info.head + 1, at: 9, actor: owner, id: "evt", kind: "stop" as const }
        const after = Fold.apply({ ...info, worker: { type: "none" } }, stop)
        expect(Fold.needsWork(after)).toBe(false)
        expect(after.turnID).toBeUndefined()
      }),
    )
  })

  test("has each host that was allowed once, and does not forget that one was allowed always", () => {
    const bodies = ([["a.example"], ["b.example", true], ["a.example", true], ["a.example"]] as const).map(
      ([allowed, always]): Body => ({
        id: eventID(),
        kind: "setting",
        egress: { allowed, ...(always && { always }) },
      }),
    )
    const { egress, budget, done } = Fold.applyAll(start, placed(id, bodies))
    expect(egress).toEqual([
      { allowed: "b.example", always: true },
      { allowed: "a.example", always: true },
    ])
    expect({ budget, done }).toEqual({ budget: undefined, done: false })
  })
})
