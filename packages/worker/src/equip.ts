import { Client } from "@remote-swe/core/client"
import type { Config, Given } from "./config.ts"
import type { Options } from "./identity.ts"
import type { Clock } from "./model/retry.ts"

/** Asks for the secrets that the environment doesn't hold. They stay in this process's memory. */
export async function equip(given: Given, clock: Clock, signal: AbortSignal): Promise<Config> {
  const { access, ...rest } = given
  const { apiURL } = given
  const { sessionID } = access
  const token = access.type === "token" ? access.token : await prove({ apiURL, access, clock, signal })
  if (given.anthropic.apiKey || given.anthropic.baseURL) return { ...rest, sessionID, token }
  const { apiKey, baseURL } = await Client.worker({ url: apiURL, token }).modelCredential()
  return { ...rest, sessionID, token, anthropic: { apiKey, baseURL } }
}

/** Only a machine needs what this loads. */
const prove = async (options: Options) => (await import("./identity.ts")).exchange(options)
