import { Client } from "@remote-swe/core/client"
import type { Config, Given } from "./config.ts"
import { exchange } from "./identity.ts"
import type { Clock } from "./model/retry.ts"

/** Asks for the secrets that the environment doesn't hold. They stay in this process's memory. */
export async function equip(given: Given, clock: Clock, signal: AbortSignal): Promise<Config> {
  const { access, ...rest } = given
  const { apiURL } = given
  const token = access.type === "token" ? access.token : await exchange({ apiURL, access, clock, signal })
  if (given.anthropic.apiKey || given.anthropic.baseURL) return { ...rest, token }
  const { apiKey, baseURL } = await Client.worker({ url: apiURL, token }).modelCredential()
  return { ...rest, token, anthropic: { apiKey, baseURL } }
}
