import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Chain } from "../../src/workspace/chain.ts"

const MB = 1024 * 1024
const many = (count: number, size: number) => Array.from({ length: count }, () => size)

describe("a snapshot", () => {
  it.each<[string, Chain.Known, "link" | "whole"]>([
    ["is whole at first", { links: [], present: true, whole: 5 }, "whole"],
    ["adds to the one before", { links: [10], present: true, whole: 5 }, "link"],
    ["is whole where the one before is gone", { links: [10], present: false, whole: 5 }, "whole"],
    ["adds a ninth link", { links: many(9, 1), present: true, whole: 5 }, "link"],
    ["does not add an eleventh link", { links: many(10, 1), present: true, whole: 5 }, "whole"],
    [
      "adds while the chain has twice what a whole one has",
      { links: [30 * MB, 10 * MB], present: true, whole: 20 * MB },
      "link",
    ],
    ["is whole when the chain has more", { links: [30 * MB, 10 * MB + 1], present: true, whole: 20 * MB }, "whole"],
    ["is not made anew for a little", { links: [2 * MB], present: true, whole: 10 }, "link"],
  ])("%s", (_, known, decision) => {
    expect(Chain.decide(known)).toBe(decision)
  })

  it("never needs more than a bounded chain, whatever the links weigh", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50 * MB), { maxLength: 60 }), fc.nat(20 * MB), (sizes, whole) => {
        let links: number[] = []
        for (const size of sizes) {
          const known = { links, present: true, whole }
          if (Chain.decide(known) === "whole") links = [whole]
          else links = [...links, size]
          expect(links.length).toBeLessThanOrEqual(Chain.longest)
          const before = links.slice(0, -1).reduce((sum, item) => sum + item, 0)
          expect(before).toBeLessThanOrEqual(2 * Math.max(whole, MB))
        }
      }),
    )
  })
})

describe("of earlier snapshots", () => {
  const file = (id: string, size = 1) => ({ id, size })

  it.each<[string, string[], ReturnType<typeof file>[][], string[]]>([
    ["nothing is kept where no turn has ended", ["a"], [], []],
    ["what the newest has as well is not named", ["a", "b"], [[file("a")]], []],
    ["each turn's files are kept", ["d"], [[file("a")], [file("a"), file("b")], [file("c")]], ["c", "a", "b"]],
    [
      "no more than ten turns are",
      ["x"],
      Array.from({ length: 12 }, (_, at) => [file(`${at}`)]),
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map(String),
    ],
    ["no more than 200 MB are", ["x"], [[file("a", 90 * MB)], [file("b", 120 * MB)], [file("c", 80 * MB)]], ["c", "b"]],
  ])("%s", (_, newest, turns, kept) => {
    expect(Chain.keep(newest, turns)).toEqual(kept)
  })
})
