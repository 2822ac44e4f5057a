import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Bound } from "../../src/workspace/bound.ts"

const limits: Bound.Limits = { file: 50, files: 100, count: 5 }
const fresh = (path: string, size: number, folder?: string): Bound.Candidate => ({ path, size, kind: "new", folder })
const changed = (path: string, size: number): Bound.Candidate => ({ path, size, kind: "changed" })
const shown = (left: readonly Bound.Left[]) =>
  left.map(({ path, files, bytes, why }) => `${path} ${files} ${bytes} ${why}`)

describe("what is too much is left out", () => {
  it.each<[string, Bound.Candidate[], string[]]>([
    ["nothing where all fits", [fresh("a", 50), changed("b", 50)], []],
    [
      "a file that is too large, also one that git knows",
      [fresh("a", 51), changed("b", 60)],
      ["a 1 51 file", "b 1 60 file"],
    ],
    [
      "the largest new files first",
      [fresh("a", 40), fresh("b", 45), fresh("c", 30), changed("d", 20)],
      ["b 1 45 files"],
    ],
    [
      "what was changed only where new files are not enough, and then those come back",
      [fresh("a", 10), changed("b", 50), changed("c", 45), changed("d", 44)],
      ["b 1 50 files"],
    ],
    [
      "the folder with the most files",
      [
        ...["x/1", "x/2", "x/3"].map((path) => fresh(path, 1, "x/")),
        ...["y/1", "y/2"].map((path) => fresh(path, 9, "y/")),
        fresh("z", 1),
      ],
      ["x/ 3 3 count"],
    ],
    [
      "as few folders as will do",
      [
        ...["x/1", "x/2", "x/3"].map((path) => fresh(path, 1, "x/")),
        ...["a", "b", "c", "d", "e"].map((path) => changed(path, 1)),
      ],
      ["x/ 3 3 count"],
    ],
    ["changed files, however many they are, stay", Array.from({ length: 9 }, (_, at) => changed(`${at}`, 1)), []],
  ])("%s", (_, candidates, left) => {
    expect(shown(Bound.fit(candidates, limits))).toEqual(left)
  })
})

const candidate = fc.record({
  path: fc.tuple(fc.constantFrom("a/", "b/", "c/", ""), fc.nat(30)).map(([folder, name]) => `${folder}${name}`),
  size: fc.nat(60),
  kind: fc.constantFrom("new" as const, "changed" as const),
})
const tree = fc
  .uniqueArray(candidate, { selector: ({ path }) => path, maxLength: 40 })
  .map((items) => items.map((item) => ({ ...item, folder: /^.*\//.exec(item.path)?.[0] })))

const sum = (items: readonly { size: number }[]) => items.reduce((total, { size }) => total + size, 0)

it("whatever there is: the rest fits, and nothing is left out that would fit", () => {
  fc.assert(
    fc.property(tree, (items) => {
      const left = Bound.fit(items, limits)
      const isLeft = Bound.isLeft(left)
      // A folder stands for what is new in it.
      const out = items.filter(
        ({ path, kind }) => isLeft(path) && (kind === "new" || left.some((item) => item.path === path)),
      )
      const rest = items.filter((item) => !out.includes(item))
      expect(sum(rest)).toBeLessThanOrEqual(limits.files)
      expect(Math.max(0, ...rest.map(({ size }) => size))).toBeLessThanOrEqual(limits.file)
      const fresh = rest.filter(({ kind }) => kind === "new")
      expect(fresh.length === 0 || rest.length <= limits.count).toBe(true)
      for (const item of left.filter(({ why }) => why === "files"))
        expect(sum(rest) + item.bytes).toBeGreaterThan(limits.files)
      expect(left.reduce((total, { bytes }) => total + bytes, 0)).toBe(sum(out))
      expect(left.reduce((total, { files }) => total + files, 0)).toBe(out.length)
      if (items.length <= limits.count && sum(items) <= limits.files && items.every(({ size }) => size <= limits.file))
        expect(left).toEqual([])
    }),
    { numRuns: 500 },
  )
})

it("a bundle that is too large is tried again with less, until there is nothing left but commits", () => {
  expect(Bound.retry({ kept: 0, size: 120, room: 100 })).toBeUndefined()
  const MB = 1024 * 1024
  expect(Bound.retry({ kept: 80 * MB, size: 110 * MB, room: 100 * MB })).toBe(40 * MB)
  expect(Bound.retry({ kept: 80 * MB, size: 160 * MB, room: 100 * MB })).toBe(20 * MB)
  expect(Bound.retry({ kept: 80 * MB, size: 300 * MB, room: 100 * MB })).toBe(0)
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), (kept, size, room) => {
      fc.pre(size > room)
      let tries = 0
      for (let next: number | undefined = kept; next !== undefined; next = Bound.retry({ kept: next, size, room }))
        tries++
      expect(tries).toBeLessThan(35)
    }),
  )
})
