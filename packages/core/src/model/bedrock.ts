/**
 * What Amazon Bedrock calls the models, and where its cross-region profiles answer, from the models' cards
 * as they stood in November 2026. Plain data: core, the local system and infra's permissions follow from it.
 */

/** `price`: of what the provider itself takes. `regions`: where a request may be answered, as in an ARN. */
const geographies = {
  /** A global profile also routes to a model that names no region. */
  global: { price: 1, regions: ["*", ""] },
  us: { price: 1.1, regions: ["us-*", "ca-*"] },
  eu: { price: 1.1, regions: ["eu-*"] },
  jp: { price: 1.1, regions: ["ap-northeast-*"] },
  au: { price: 1.1, regions: ["ap-southeast-*"] },
  in: { price: 1.1, regions: ["ap-south-*"] },
} as const
export type Geography = keyof typeof geographies

/** Where profiles of a geography may be called from. */
const sources: readonly (readonly [RegExp, Geography])[] = [
  [/^us-(?!gov-)|^ca-/, "us"],
  [/^eu-/, "eu"],
  [/^ap-northeast-[13]$/, "jp"],
  [/^ap-southeast-[24]$/, "au"],
  [/^ap-south-/, "in"],
]

interface Model {
  id: string
  /** Those that have a profile of it, besides the global one. */
  geographies: readonly Geography[]
}

/** By our id, best first. Models near their end of life are not here: Bedrock refuses those to new accounts. */
const models: Readonly<Record<string, Model>> = {
  "claude-opus-5-5": { id: "anthropic.claude-opus-5-5", geographies: ["us", "eu", "jp", "au"] },
  "claude-sonnet-5-5": { id: "anthropic.claude-sonnet-5-5", geographies: ["us", "eu"] },
  "claude-haiku-5-5": { id: "anthropic.claude-haiku-5-5", geographies: ["us", "eu", "jp", "au"] },
  "claude-fable-5-1": { id: "anthropic.claude-fable-5-1", geographies: ["us"] },
  "claude-opus-5": { id: "anthropic.claude-opus-5", geographies: ["us", "eu", "jp", "au", "in"] },
  "claude-sonnet-5": { id: "anthropic.claude-sonnet-5", geographies: ["us", "eu", "jp", "au", "in"] },
}

export const isGeography = (name: string): name is Geography => Object.hasOwn(geographies, name)

/** The geography that holds the data of `region`; undefined where only the global profiles can be called. */
export const geographyOf = (region: string) => sources.find(([pattern]) => pattern.test(region))?.[1]

/** What a request through profiles of `geography` costs, as a multiple of the list price. */
export const priceIn = (geography: Geography) => geographies[geography].price

/** The profile by which our model `id` is called; undefined where there is none. */
export function profile(id: string, geography: Geography) {
  const model = Object.hasOwn(models, id) ? models[id] : undefined
  if (!model || (geography !== "global" && !model.geographies.includes(geography))) return
  return `${geography}.${model.id}`
}

/** All profiles of a geography: what a session may be told to use. */
export const profiles = (geography: Geography) => Object.keys(models).flatMap((id) => profile(id, geography) ?? [])

/** The model of an installation that names none. */
export const initial = (geography: Geography) => Object.keys(models).find((id) => profile(id, geography)) ?? ""

/** Our id of what Bedrock calls `name`, a model or one of its profiles. */
export function named(name: string) {
  const { model } = parse(name)
  return Object.keys(models).find((id) => models[id]?.id === model)
}

/** A name of Bedrock's, taken apart. A prefix that we do not know is a profile's as well. */
export function parse(name: string): { model: string; prefix?: string; regions: readonly string[] } {
  const match = /^(global|us-gov|us|eu|jp|au|in|apac|ca|sa)\.(.+)$/.exec(name)
  const [, prefix, model] = match ?? []
  if (prefix === undefined || model === undefined) return { model: name, regions: [] }
  return { model, prefix, regions: isGeography(prefix) ? geographies[prefix].regions : ["*"] }
}
