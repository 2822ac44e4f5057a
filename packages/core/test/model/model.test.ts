import { afterEach, describe, expect, test } from "vitest"
import { Resource } from "sst"
import { Model } from "../../src/model/index.ts"

const before = { ...Resource.Settings }
afterEach(() => Object.assign(Resource.Settings, before))
const tokens = { input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheWrite: 1_000_000 }

describe("what a call costs", () => {
  const price = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 }

  test("each kind of token has its price", () => {
    expect(Model.cost(tokens, { price })).toBeCloseTo(13.1)
    expect(Model.cost({ ...tokens, output: 0, cacheRead: 0, cacheWrite: 0 }, { price })).toBe(1)
  })

  test("an unknown price is not nothing", () => {
    expect(Model.cost(tokens, {})).toBeNull()
    expect(Model.cost(tokens, Model.fromID("demo"))).toBeNull()
  })

  test("a long prompt has its own price, for all tokens, the cache counted", () => {
    const long = { above: 100_000, input: 5, output: 50, cacheRead: 0.5, cacheWrite: 10 }
    const call = { input: 40_000, output: 1_000, cacheRead: 40_000, cacheWrite: 20_000 }
    expect(Model.cost(call, { price: { ...price, long } })).toBeCloseTo(0.04 + 0.01 + 0.004 + 0.04)
    expect(Model.cost({ ...call, input: 40_001 }, { price: { ...price, long } })).toBeCloseTo(
      0.2 + 0.05 + 0.02 + 0.2,
      4,
    )
  })
})

describe("the catalogue", () => {
  test("is what its schema says, each model once", () => {
    const ids = (["anthropic", "demo"] as const).flatMap((provider) => Model.list(provider).map((model) => model.id))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain("claude-opus-5-5")
    for (const { price } of Model.list("anthropic"))
      if (price) {
        expect(price.cacheRead).toBeLessThan(price.input)
        expect(price.cacheWrite).toBeCloseTo(price.input * 1.25)
      }
  })

  test("offers what the provider serves", () => {
    expect(Model.list("demo").map((model) => model.id)).toEqual(["demo"])
    expect(Model.list("anthropic").map((model) => model.id)).not.toContain("demo")
  })

  test("a setting adds a model, or says otherwise of one", () => {
    const own = { ...Model.fromID("claude-opus-5-5"), id: "own", name: "Own", providerID: { anthropic: "own-1" } }
    const other = { ...Model.fromID("claude-opus-5-5"), name: "Cheaper", price: undefined }
    Resource.Settings.models = JSON.stringify([own, other])
    expect(Model.fromID("own")).toEqual(own)
    expect(Model.fromID("claude-opus-5-5")).toMatchObject({ name: "Cheaper" })
    expect(Model.list().filter((model) => model.id === "claude-opus-5-5")).toHaveLength(1)
    Model.assert("own")
  })

  test.each(["{}", "[1]", "nonsense", '[{"id":"x"}]'])(
    "a setting that says nothing sensible is named: %s",
    (models) => {
      Resource.Settings.models = models
      expect(() => Model.list()).toThrow(/Settings\.models/)
    },
  )

  test("a model that nobody knows is refused, save where the settings name it", () => {
    expect(() => Model.assert("gpt")).toThrow(/claude-sonnet-5-5/)
    Resource.Settings.model = "gpt"
    Model.assert("gpt")
    expect(Model.initial()).toMatchObject({ id: "gpt", providerID: { anthropic: "gpt" } })
    expect(Model.cost(tokens, Model.initial())).toBeNull()
  })
})
