import * as Bedrock from "./bedrock.ts"
import type { Info, Price } from "./schema.ts"

/**
 * The models that we know, best first, from Anthropic's model overview and price list as they stood in
 * November 2026. `cacheWrite` is the rate of the five-minute cache. A price that we could not confirm is
 * left out. Others are added by configuration (`Settings.models`).
 */
export const catalogue: readonly Info[] = [
  current("claude-opus-5-5", "Claude Opus 5.5", price(4, 20, 0.2, 5)),
  current("claude-sonnet-5-5", "Claude Sonnet 5.5", price(2, 10, 0.1, 2.5)),
  current("claude-haiku-5-5", "Claude Haiku 5.5", {
    ...price(0.1, 0.5, 0.01, 0.125),
    long: { above: 100_000, ...price(0.5, 2.5, 0.05, 0.625) },
  }),
  current("claude-fable-5-2", "Claude Fable 5.2"),
  current("claude-fable-5-1", "Claude Fable 5.1", price(10, 50, 0.25, 12.5)),
  current("claude-opus-5", "Claude Opus 5", price(5, 25, 0.5, 6.25)),
  current("claude-sonnet-5", "Claude Sonnet 5", price(2, 10, 0.2, 2.5)),
  earlier("claude-opus-4-5", "Claude Opus 4.5", price(5, 25, 0.5, 6.25)),
  earlier("claude-sonnet-4-5", "Claude Sonnet 4.5", price(3, 15, 0.3, 3.75)),
  earlier("claude-haiku-4-5", "Claude Haiku 4.5", price(1, 5, 0.1, 1.25)),
  {
    id: "demo",
    name: "Demo (recorded, not a model)",
    providerID: { demo: "demo" },
    context: 200_000,
    maxOutput: 32_000,
    reasoning: true,
    thinking: "budget",
    images: true,
  },
]

/** The models as Bedrock has them in `geography`. */
export const inBedrock = (geography: Bedrock.Geography) =>
  catalogue.flatMap((model) => {
    const bedrock = Bedrock.profile(model.id, geography)
    return bedrock ? [placed(model, model.id, bedrock, geography)] : []
  })

/** The model behind a name of Bedrock's, under that name; undefined for one that we do not know. */
export function fromBedrock(name: string): Info | undefined {
  const known = catalogue.find((model) => model.id === Bedrock.named(name))
  const { prefix = "global" } = Bedrock.parse(name)
  if (known && Bedrock.isGeography(prefix)) return placed(known, name, name, prefix)
}

function placed({ price, ...model }: Info, id: string, bedrock: string, geography: Bedrock.Geography): Info {
  const by = Bedrock.priceIn(geography)
  return { ...model, id, providerID: { bedrock }, ...(price && { price: scaled(price, by) }) }
}

/** The same price `by` times as much. */
function scaled({ long, ...rates }: Price, by: number): Price {
  const all = (given: typeof rates) => ({
    input: times(given.input, by),
    output: times(given.output, by),
    cacheRead: times(given.cacheRead, by),
    cacheWrite: times(given.cacheWrite, by),
  })
  return { ...all(rates), ...(long && { long: { above: long.above, ...all(long) } }) }
}

/** A millionth of a dollar is the smallest digit of any price list. */
const times = (price: number, by: number) => Math.round(price * by * 1e6) / 1e6

/** A model that nobody described: what every Claude model can do at least, at a price that is unknown. */
export function unknown(id: string): Info {
  return {
    id,
    name: id,
    providerID: { anthropic: id, bedrock: id },
    context: 200_000,
    maxOutput: 32_000,
    reasoning: false,
    images: true,
  }
}

function current(id: string, name: string, price?: Price): Info {
  const limits = {
    context: 1_000_000,
    maxOutput: 128_000,
    reasoning: true,
    thinking: "adaptive",
    images: true,
  } as const
  return { id, name, providerID: { anthropic: id }, ...limits, ...(price && { price }) }
}

function earlier(id: string, name: string, price: Price): Info {
  const limits = { context: 200_000, maxOutput: 64_000, reasoning: true, thinking: "budget", images: true } as const
  return { id, name, providerID: { anthropic: id }, ...limits, price }
}

function price(input: number, output: number, cacheRead: number, cacheWrite: number) {
  return { input, output, cacheRead, cacheWrite }
}
