import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Build, choose, type Choice, due, type Due, type Image, type Wanted } from "../../src/machine/image.ts"

const minute = 60_000
const now = 1_800_000_000_000
const wanted: Wanted = { base: "ami-base", architecture: "x86_64", recipe: "ours", floor: 3 }
const image = (id: string, change: Partial<Image> = {}): Image => ({
  id,
  isAvailable: true,
  architecture: "x86_64",
  recipe: "ours",
  floor: 3,
  created: now,
  ...change,
})

describe("a machine starts from", () => {
  const rows: { what: string; images: Image[]; wanted?: Partial<Wanted>; then: Choice }[] = [
    { what: "the base where there is no image", images: [], then: { imageID: "ami-base", boot: "install" } },
    { what: "the image of the recipe", images: [image("ami-1")], then: { imageID: "ami-1", boot: "image" } },
    {
      what: "the newest of the recipe",
      images: [image("ami-1", { created: now - 1 }), image("ami-2"), image("ami-3", { created: now - 2 })],
      then: { imageID: "ami-2", boot: "image" },
    },
    {
      what: "the recipe's image rather than a newer one of another",
      images: [image("ami-1", { created: now - 9 }), image("ami-2", { recipe: "next" })],
      then: { imageID: "ami-1", boot: "image" },
    },
    {
      what: "another's image while the recipe's is being made",
      images: [image("ami-1", { isAvailable: false }), image("ami-2", { recipe: "before" })],
      then: { imageID: "ami-2", boot: "image" },
    },
    {
      what: "the newest of others",
      images: [image("ami-1", { recipe: "a", created: now - 1 }), image("ami-2", { recipe: "b" })],
      then: { imageID: "ami-2", boot: "image" },
    },
    {
      what: "another's image with a higher floor",
      images: [image("ami-1", { recipe: "next", floor: 4 })],
      then: { imageID: "ami-1", boot: "image" },
    },
    {
      what: "no image below the floor",
      images: [image("ami-1", { recipe: "before", floor: 2 })],
      then: { imageID: "ami-base", boot: "install" },
    },
    {
      what: "no image for another processor",
      images: [image("ami-1", { architecture: "arm64" })],
      then: { imageID: "ami-base", boot: "install" },
    },
    {
      what: "the one that somebody named, whatever there is",
      images: [image("ami-1")],
      wanted: { fixed: "ami-fixed" },
      then: { imageID: "ami-fixed", boot: "install" },
    },
  ]
  test.each(rows)("$what", ({ images, wanted: change, then }) => {
    expect(choose(images, { ...wanted, ...change })).toEqual(then)
  })

  const anyImage = fc.record({
    id: fc.uuid(),
    isAvailable: fc.boolean(),
    architecture: fc.constantFrom("x86_64", "arm64"),
    recipe: fc.constantFrom("ours", "a", "b"),
    floor: fc.integer({ min: 1, max: 5 }),
    created: fc.integer({ min: now - 5, max: now }),
  })
  const images = fc.uniqueArray(anyImage, { selector: (item) => item.id, maxLength: 8 })

  test("what there is, in whatever order it is told", () => {
    fc.assert(
      fc.property(images, fc.integer(), (found, seed) => {
        const { imageID, boot } = choose(found, wanted)
        const chosen = found.find((item) => item.id === imageID)
        expect(boot === "image").toBe(chosen !== undefined)
        if (chosen) expect(chosen).toMatchObject({ isAvailable: true, architecture: "x86_64" })
        if (chosen) expect(chosen.floor).toBeGreaterThanOrEqual(wanted.floor)
        const fit = found.filter((item) => item.isAvailable && item.architecture === "x86_64" && item.floor >= 3)
        expect(chosen !== undefined).toBe(fit.length > 0)
        const shuffled = found.toSorted((one, other) => (one.id + seed < other.id + seed === seed > 0 ? 1 : -1))
        expect(choose(shuffled, wanted)).toEqual({ imageID, boot })
      }),
    )
  })
})

describe("an image of the recipe", () => {
  const at = (minutes: number, state: Build["state"] = "ended"): Build => ({ state, at: now - minutes * minute })
  const rows: { what: string; images?: Image[]; builds?: Build[]; then: Due }[] = [
    { what: "is made where there is none", then: { type: "build", attempt: 1 } },
    { what: "is not made twice", images: [image("ami-1")], builds: [at(90)], then: { type: "nothing" } },
    { what: "is awaited once it shows", images: [image("ami-1", { isAvailable: false })], then: { type: "nothing" } },
    {
      what: "is made though there is another's",
      images: [image("ami-1", { recipe: "before" })],
      then: { type: "build", attempt: 1 },
    },
    {
      what: "is made for the processor that is wanted",
      images: [image("ami-1", { architecture: "arm64" })],
      then: { type: "build", attempt: 1 },
    },
    { what: "is awaited while it is made", builds: [at(200, "building")], then: { type: "nothing" } },
    { what: "is not tried again at once", builds: [at(59)], then: { type: "wait", until: now + minute } },
    { what: "is tried again after an hour", builds: [at(60)], then: { type: "build", attempt: 2 } },
    { what: "is tried again later and later", builds: [at(400), at(119)], then: { type: "wait", until: now + minute } },
    { what: "is tried a third time", builds: [at(400), at(120)], then: { type: "build", attempt: 3 } },
    { what: "is tried a fourth time", builds: [at(900), at(600), at(360)], then: { type: "build", attempt: 4 } },
    {
      what: "is given up after that",
      builds: [at(9_999), at(9_000), at(8_000), at(7_000)],
      then: { type: "failed", attempts: 4 },
    },
    {
      what: "is not made because somebody took away what was made",
      builds: [at(30)],
      then: { type: "wait", until: now + 30 * minute },
    },
  ]
  test.each(rows)("$what", ({ images = [], builds = [], then }) => {
    expect(due(images, wanted, builds, now)).toEqual(then)
  })
})
