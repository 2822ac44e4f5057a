import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { collect, type Leftover, outdated, type There, type Waste } from "../../src/machine/collect.ts"

const hour = 60 * 60_000
const day = 24 * hour
const now = 1_800_000_000_000
const nothing: Waste = { images: [], snapshots: [], volumes: [] }
const there: There = { images: [], snapshots: [], volumes: [], used: [], chosen: "ami-chosen", now }
const image = (id: string, age: number, snapshots: string[] = [], isAvailable = true) => ({
  id,
  isAvailable,
  architecture: "x86_64",
  recipe: "x",
  floor: 1,
  created: now - age,
  snapshots,
})
const aged = (id: string, age: number) => ({ id, created: now - age })

describe("of a stage's things", () => {
  const rows: { what: string; there: Partial<There>; then: Partial<Waste> }[] = [
    { what: "nothing is wasted where there is nothing", there: {}, then: {} },
    {
      what: "an image that nobody needs goes, with its snapshots",
      there: { images: [image("ami-1", day, ["snap-1", "snap-2"])], snapshots: [aged("snap-1", day)] },
      then: { images: ["ami-1"], snapshots: ["snap-1", "snap-2"] },
    },
    { what: "the image of the next machine stays", there: { images: [image("ami-chosen", 9 * day)] }, then: {} },
    {
      what: "the image of a machine that has not ended stays",
      there: { images: [image("ami-1", 9 * day, ["snap-1"])], used: ["ami-1"], snapshots: [aged("snap-1", 9 * day)] },
      then: {},
    },
    { what: "an image of today stays", there: { images: [image("ami-1", day - 1)] }, then: {} },
    { what: "an image that is being made stays", there: { images: [image("ami-1", 2 * day, [], false)] }, then: {} },
    {
      what: "a snapshot that another image shares stays",
      there: { images: [image("ami-1", day, ["snap-1"]), image("ami-chosen", day, ["snap-1"])] },
      then: { images: ["ami-1"] },
    },
    {
      what: "a snapshot whose image is gone goes",
      there: { snapshots: [aged("snap-1", hour), aged("snap-2", hour - 1)] },
      then: { snapshots: ["snap-1"] },
    },
    {
      what: "a disk without a machine goes",
      there: {
        volumes: [
          { ...aged("vol-1", hour), isAttached: false },
          { ...aged("vol-2", hour - 1), isAttached: false },
          { ...aged("vol-3", 9 * day), isAttached: true },
        ],
      },
      then: { volumes: ["vol-1"] },
    },
  ]
  test.each(rows)("$what", ({ there: part, then }) => {
    expect(collect({ ...there, ...part })).toEqual({ ...nothing, ...then })
  })

  const ids = ["ami-chosen", "ami-1", "ami-2", "ami-3"]
  const snaps = ["snap-1", "snap-2", "snap-3"]
  const anything = fc.record({
    images: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...ids), fc.nat(3 * day), fc.subarray(snaps), fc.boolean()), {
        selector: ([id]) => id,
      })
      .map((list) => list.map((item) => image(...item))),
    snapshots: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...snaps), fc.nat(3 * day)), { selector: ([id]) => id })
      .map((list) => list.map((item) => aged(...item))),
    volumes: fc.array(
      fc
        .tuple(fc.uuid(), fc.nat(3 * day), fc.boolean())
        .map(([id, age, isAttached]) => ({ ...aged(id, age), isAttached })),
    ),
    used: fc.subarray(ids),
  })

  test("nothing goes that is needed, and what goes leaves nothing behind", () => {
    fc.assert(
      fc.property(anything, (part) => {
        const waste = collect({ ...there, ...part })
        const kept = part.images.filter((item) => !waste.images.includes(item.id))
        for (const id of ["ami-chosen", ...part.used]) expect(waste.images).not.toContain(id)
        for (const item of kept) for (const id of item.snapshots) expect(waste.snapshots).not.toContain(id)
        const gone = part.images.filter((item) => waste.images.includes(item.id))
        for (const item of gone)
          for (const id of item.snapshots)
            expect(waste.snapshots.includes(id) || kept.some((other) => other.snapshots.includes(id))).toBe(true)
        for (const item of part.volumes) if (item.isAttached) expect(waste.volumes).not.toContain(item.id)
        // What is done once is done: a second look at what is left finds nothing.
        const again = collect({
          ...there,
          ...part,
          images: kept,
          snapshots: part.snapshots.filter((item) => !waste.snapshots.includes(item.id)),
          volumes: part.volumes.filter((item) => !waste.volumes.includes(item.id)),
        })
        expect(again).toEqual(nothing)
      }),
    )
  })

  test("all that nobody needs goes in time", () => {
    fc.assert(
      fc.property(anything, (part) => {
        const later = { ...there, ...part, used: [], now: now + 10 * day }
        const waste = collect(later)
        const made = part.images.filter((item) => item.isAvailable && item.id !== "ami-chosen")
        expect(waste.images.toSorted()).toEqual(made.map((item) => item.id).toSorted())
        expect(waste.volumes.length).toBe(part.volumes.filter((item) => !item.isAttached).length)
      }),
    )
  })
})

test("at Image Builder the present recipe's things stay, what is being made, and what a deployment has just made", () => {
  const item = (name: string, age: number, isBusy = false): Leftover => ({
    kind: "recipe",
    arn: `${name} ${age}`,
    name,
    created: now - age,
    isBusy,
  })
  const old = item("before", day)
  expect(
    outdated([item("ours", 9 * day), item("before", day - 1), item("before", 2 * day, true), old], "ours", now),
  ).toEqual([old])
  expect(outdated([item("ours", 2 * day)], undefined, now)).toHaveLength(1)
})
