import type { Provider } from "@remote-swe/core/model/schema"
import type { Files } from "./conversation.ts"
import type { Model } from "./model.ts"

export interface Config {
  anthropic: { apiKey: string | undefined; baseURL: string | undefined }
  files: Files
  now(): number
}

/** Loads what the first call is going to need, while something else is waited for. */
export const preload = ({ apiKey, baseURL }: Config["anthropic"]) =>
  apiKey || baseURL ? import("./anthropic.ts") : import("./bedrock.ts")

/** The adapter for `provider`. Its SDK is loaded, and no other's. */
export function create(provider: Provider, config: Config): Model {
  const loading = load(provider, config)
  // Whoever asks first hears of it.
  loading.catch(() => undefined)
  return { stream: async (request, options) => (await loading).stream(request, options) }
}

async function load(provider: Provider, { anthropic, ...config }: Config): Promise<Model> {
  if (provider === "bedrock") return (await import("./bedrock.ts")).create(config)
  return (await import("./anthropic.ts")).create({ ...anthropic, ...config })
}
