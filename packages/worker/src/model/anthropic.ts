import Anthropic from "@anthropic-ai/sdk"
import { type Model, ModelError, type Options, type Request } from "./model.ts"
import { fromError } from "./problem.ts"
import { read } from "./stream.ts"
import type { Files } from "./conversation.ts"
import { body } from "./wire.ts"

export interface Config {
  apiKey: string | undefined
  baseURL: string | undefined
  files: Files
  now(): number
}

/** Anthropic, or any server that speaks its Messages API. */
export function create(config: Config): Model {
  const client = new Anthropic({
    // A server of one's own may want no key; the SDK would go and look for another.
    apiKey: config.apiKey ?? (config.baseURL ? "none" : ""),
    baseURL: config.baseURL ?? null,
    maxRetries: 0,
    logLevel: "off",
  })

  async function stream(request: Request, { signal, onDelta }: Options) {
    if (!config.apiKey && !config.baseURL) throw new ModelError("credentials", "ANTHROPIC_API_KEY is not set")
    const answer = read(onDelta)
    if (signal.aborted) return answer.reply(true)
    const params = await body(request, config.files)
    try {
      for await (const event of await client.messages.create(params, { signal })) answer.push(event)
    } catch (error) {
      if (signal.aborted) return answer.reply(true)
      throw fromError(error, config.now()) ?? error
    }
    // The SDK ends the stream quietly when it was aborted, and when the server closed it too early.
    if (signal.aborted && !answer.ended()) return answer.reply(true)
    if (!answer.ended()) throw new ModelError("network", "The answer ended early")
    return answer.reply(false)
  }

  return { stream }
}
