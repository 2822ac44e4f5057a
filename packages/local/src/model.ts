import * as Bedrock from "@remote-swe/core/model/bedrock"
import type { Provider } from "@remote-swe/core/model/schema"

/** Which model works, and how it is reached. */
export interface Model {
  provider: Provider
  id: string
  known: string
  key: string | undefined
  url: string | undefined
  /** Where Bedrock may answer. */
  geography: Bedrock.Geography | undefined
  /** What Bedrock's client finds in the environment. The rest of AWS is embedded, so only workers are told. */
  aws: Record<string, string>
}

interface Given {
  LLM_PROVIDER?: Provider | undefined
  LLM_MODEL?: string | undefined
  LLM_MODELS: string
  ANTHROPIC_API_KEY?: string | undefined
  ANTHROPIC_BASE_URL?: string | undefined
  BEDROCK_GEOGRAPHY: "global" | "region"
  AWS_BEARER_TOKEN_BEDROCK?: string | undefined
}

/** Of the owner's account. AWS credentials alone, which many have for something else, turn nothing on. */
export function model(given: Given, env: Record<string, string | undefined>): Model {
  const { LLM_MODEL, LLM_MODELS: known, ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url } = given
  const provider =
    given.LLM_PROVIDER ?? (key || url ? "anthropic" : given.AWS_BEARER_TOKEN_BEDROCK ? "bedrock" : "demo")
  const none = { known, key, url, geography: undefined, aws: {} }
  if (provider === "demo") return { ...none, provider, id: "demo" }
  if (provider === "anthropic") return { ...none, provider, id: LLM_MODEL ?? "claude-opus-5-5" }
  const inRegion = given.BEDROCK_GEOGRAPHY === "region" ? Bedrock.geographyOf(regionOf(env) ?? "") : undefined
  const geography = inRegion ?? "global"
  return { ...none, provider, id: LLM_MODEL ?? Bedrock.initial(geography), geography, aws: aws(env) }
}

/** What Bedrock's client may need of the environment, and nobody else. */
export function aws(env: Record<string, string | undefined>): Record<string, string> {
  const region = regionOf(env)
  const found = Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  return { ...found, ...(region && { AWS_REGION: region }) }
}

/** The SDK reads the first; the command line knows both. */
export const regionOf = (env: { AWS_REGION?: string | undefined; AWS_DEFAULT_REGION?: string | undefined }) =>
  env.AWS_REGION ?? env.AWS_DEFAULT_REGION

/** How a worker reaches it. `demo`: where the demo model plays. */
export function access({ provider, key, url, aws }: Model, demo: string | undefined): Record<string, string> {
  if (provider === "bedrock") return aws
  const address = demo ?? url
  return { ANTHROPIC_API_KEY: demo ? "demo" : (key ?? "none"), ...(address && { ANTHROPIC_BASE_URL: address }) }
}

const names = [
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"],
  ...["AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"],
  ...["AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"],
  ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  ...["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
  ...["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
]
