import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime"
import { FetchHttpHandler } from "@smithy/fetch-http-handler"
import { fromError } from "./bedrock/problem.ts"
import { read } from "./bedrock/stream.ts"
import { input, nameOf } from "./bedrock/wire.ts"
import type { Files } from "./conversation.ts"
import { type Model, ModelError, type Options, type Request } from "./model.ts"

export interface Config {
  files: Files
  now(): number
}

/**
 * Amazon Bedrock by Converse, with the region and credentials that the SDK finds by itself: the machine's
 * role, the environment's, or a Bedrock API key.
 */
export function create(config: Config): Model {
  const client = new BedrockRuntimeClient({
    maxAttempts: 1,
    // Like everything else here: over the proxy that the environment names, and to gateways without HTTP/2.
    requestHandler: new FetchHttpHandler(),
  })
  let prompt = 0

  async function stream(request: Request, { signal, onDelta }: Options) {
    const answer = read(onDelta, (name) => nameOf(request, name))
    if (signal.aborted) return answer.cut(0)
    const command = new ConverseStreamCommand(await input(request, config.files))
    try {
      const { stream } = await client.send(command, { abortSignal: signal })
      for await (const event of stream ?? []) answer.push(event)
    } catch (error) {
      if (signal.aborted) return answer.cut(prompt)
      throw fromError(error, config.now()) ?? error
    }
    if (signal.aborted && !answer.ended()) return answer.cut(prompt)
    if (!answer.ended()) throw new ModelError("network", "The answer ended early")
    if (request.tools.length > 0) prompt = answer.prompt() ?? prompt
    return answer.whole()
  }

  return { stream }
}
