import { afterEach, describe, expect, test } from "vitest"
import { Resource } from "sst"
import * as Bedrock from "../../src/model/bedrock.ts"
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

describe("Bedrock", () => {
  const served = (geography?: Bedrock.Geography) => {
    Object.assign(Resource.Settings, { provider: "bedrock", geography })
    return new Map(Model.list().map((model) => [model.providerID.bedrock, model]))
  }

  test("is called by global profiles, at the list price", () => {
    const models = served()
    expect([...models.keys()].every((name) => name?.startsWith("global.anthropic."))).toBe(true)
    expect(models.get("global.anthropic.claude-opus-5-5")).toMatchObject({
      id: "claude-opus-5-5",
      thinking: "adaptive",
      price: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
    })
  })

  test("stays in a geography where it is told to, with the models that are there, for a tenth more", () => {
    const models = served("jp")
    expect([...models.keys()]).toContain("jp.anthropic.claude-haiku-5-5")
    expect([...models.keys()]).not.toContain("jp.anthropic.claude-sonnet-5-5")
    expect(models.get("jp.anthropic.claude-haiku-5-5")?.price).toEqual({
      ...{ input: 0.11, output: 0.55, cacheRead: 0.011, cacheWrite: 0.1375 },
      long: { above: 100_000, input: 0.55, output: 2.75, cacheRead: 0.055, cacheWrite: 0.6875 },
    })
  })

  test("offers no model that has no profile, and none that is near its end", () => {
    const ids = [...served().values()].map((model) => model.id)
    expect(ids).not.toContain("claude-fable-5-2")
    expect(ids).not.toContain("claude-sonnet-4-5")
    expect(Bedrock.initial("global")).toBe("claude-opus-5-5")
    expect(Bedrock.initial("in")).toBe("claude-opus-5")
  })

  test("knows a model by Bedrock's name for it, and what its profile costs", () => {
    served("us")
    const name = "eu.anthropic.claude-opus-5-5"
    expect(Model.fromID(name)).toMatchObject({ id: name, context: 1_000_000, providerID: { bedrock: name } })
    expect(Model.fromID(name).price?.output).toBe(22)
    expect(Model.fromID("anthropic.claude-opus-5-5").price?.output).toBe(20)
  })

  test.each(["us-gov.anthropic.claude-opus-5-5", "eu.amazon.nova-9-v1:0", "arn:aws:bedrock:us-east-1:1:x/y"])(
    "guesses no price of %s",
    (name) => {
      served()
      expect(Model.fromID(name)).toMatchObject({ id: name, providerID: { bedrock: name } })
      expect(Model.fromID(name).price).toBeUndefined()
    },
  )

  test.each([
    ["us-east-1", "us"],
    ["ca-central-1", "us"],
    ["eu-central-1", "eu"],
    ["ap-northeast-1", "jp"],
    ["ap-northeast-2", undefined],
    ["ap-southeast-2", "au"],
    ["ap-south-1", "in"],
    ["sa-east-1", undefined],
    ["us-gov-west-1", undefined],
  ])("%s lies in the geography %s", (region, geography) => expect(Bedrock.geographyOf(region)).toBe(geography))

  test.each([
    ["global.anthropic.a-1", { model: "anthropic.a-1", prefix: "global", regions: ["*", ""] }],
    ["eu.anthropic.a-1", { model: "anthropic.a-1", prefix: "eu", regions: ["eu-*"] }],
    ["apac.anthropic.a-1", { model: "anthropic.a-1", prefix: "apac", regions: ["*"] }],
    ["anthropic.a-1", { model: "anthropic.a-1", regions: [] }],
  ])("%s is taken apart", (name, parts) => expect(Bedrock.parse(name)).toEqual(parts))
})
