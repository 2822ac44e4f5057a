import { Client } from "@remote-swe/core/client"
import { ConfigError, type Info } from "./config.ts"
import { Home } from "./home.ts"
import { start } from "./system.ts"

/** The system that a command talks to: the one at `url`, else the one that has the folder, else one of its own. */
export async function reach(config: Info, url?: string) {
  const found = url === undefined ? ((await running(config)) ?? (await start(config))) : away(config, url)
  return { ...found, api: Client.create({ url: found.url, key: found.apiKey }) }
}

function away(config: Info, url: string) {
  if (!config.apiKey)
    throw new ConfigError(
      "--url needs an API key of that system in REMOTE_SWE_API_KEY: its dashboard makes one, in Settings",
    )
  if (!URL.canParse(url))
    throw new ConfigError(`--url must be the address of a dashboard, such as https://swe.example.com`)
  return { url: url.replace(/\/+$/, ""), apiKey: config.apiKey, stop: async () => undefined }
}

async function running(config: Info) {
  const found = await Home.running(config.home)
  const apiKey = config.apiKey ?? (await Home.apiKey(config.home))
  if (!found || !apiKey) return undefined
  const health = await fetch(`${found.url}/api/v1/health`).catch(() => undefined)
  if (!health?.ok) return undefined
  process.stdout.write(`Using the system at ${found.url}\n`)
  return { url: found.url, apiKey, stop: async () => undefined }
}
