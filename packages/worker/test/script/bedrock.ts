import { type Converse, faultsOf, toBody } from "./converse.ts"
import type { Door } from "./door.ts"
import { frame } from "./frame.ts"
import { type Answer, events, type Failure } from "./reply.ts"

/** Where Bedrock streams answers by Converse. */
export const path = /^\/model\/([^/]+)\/converse-stream$/

/** What Bedrock says where Anthropic says the other: in the stream, and as an answer of its own. */
const errors: Readonly<Record<string, readonly [stream: string, name: string, status: number]>> = {
  rate_limit_error: ["throttlingException", "ThrottlingException", 429],
  overloaded_error: ["serviceUnavailableException", "ServiceUnavailableException", 503],
  api_error: ["internalServerException", "InternalServerException", 500],
  timeout_error: ["modelStreamErrorException", "ModelTimeoutException", 408],
  authentication_error: ["validationException", "UnrecognizedClientException", 403],
  permission_error: ["validationException", "AccessDeniedException", 403],
  not_found_error: ["validationException", "ResourceNotFoundException", 404],
  invalid_request_error: ["validationException", "ValidationException", 400],
  request_too_large: ["validationException", "ValidationException", 413],
}

/** Amazon Bedrock's ConverseStream. */
export const bedrock: Door = {
  read(url, given, { authorization }) {
    const model = decodeURIComponent(path.exec(url)?.[1] ?? "")
    const converse = JSON.parse(given) as Converse
    const isSigned = /^(AWS4-HMAC-SHA256 Credential=|Bearer )/.test(String(authorization))
    const faults = [...(isSigned ? [] : ["a request without a signature"]), ...faultsOf(converse, model)]
    return { body: toBody(converse, model), faults }
  },
  failure({ status, error, message, headers = {}, raw }: Failure) {
    if (raw !== undefined) return { status, headers: { "content-type": "text/html" }, body: raw }
    const [, name, code] = errors[error] ?? ["", error, status]
    const type = { "content-type": "application/json", "x-amzn-errortype": `${name}:http://example.com/` }
    return { status: code, headers: { ...type, ...headers }, body: JSON.stringify({ message }) }
  },
  contentType: "application/vnd.amazon.eventstream",
  frames,
}

const said = (type: string, payload: object) =>
  // The padding that keeps lengths from telling what is said.
  frame(
    { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
    { ...payload, p: "abcdefg" },
  )

const failed = (error: string, message: string) =>
  frame(
    {
      ":exception-type": errors[error]?.[0] ?? error,
      ":content-type": "application/json",
      ":message-type": "exception",
    },
    { message },
  )

const stopReasons: Record<string, string> = { refusal: "content_filtered" }

type Event = ReturnType<typeof events> extends Generator<infer Item> ? Item : never

function* frames(answer: Answer, model: string): Generator<Buffer> {
  let usage: Record<string, number> = {}
  for (const event of events(answer, model)) {
    const message = event["message"] as { usage?: Record<string, number> } | undefined
    usage = { ...usage, ...message?.usage, ...(event["usage"] as Record<string, number> | undefined) }
    yield* translated(event, usage)
  }
}

function* translated(event: Event, usage: Record<string, number>): Generator<Buffer> {
  const index = { contentBlockIndex: event["index"] }
  switch (event.type) {
    case "message_start":
      return yield said("messageStart", { role: "assistant" })
    case "content_block_start": {
      const block = event["content_block"] as { type: string; id: string; name: string; data: string }
      if (block.type === "tool_use")
        yield said("contentBlockStart", { ...index, start: { toolUse: { toolUseId: block.id, name: block.name } } })
      if (block.type === "redacted_thinking")
        yield said("contentBlockDelta", { ...index, delta: { reasoningContent: { redactedContent: block.data } } })
      return
    }
    case "content_block_delta":
      return yield said("contentBlockDelta", { ...index, delta: deltaOf(event["delta"] as Record<string, string>) })
    case "content_block_stop":
      return yield said("contentBlockStop", index)
    case "error": {
      const { type, message } = event["error"] as { type: string; message: string }
      return yield failed(type, message)
    }
    case "message_delta": {
      const { stop_reason } = event["delta"] as { stop_reason: string }
      return yield said("messageStop", { stopReason: stopReasons[stop_reason] ?? stop_reason })
    }
    case "message_stop":
      return yield said("metadata", { usage: charged(usage), metrics: { latencyMs: 1 } })
  }
}

function deltaOf(delta: Record<string, string>) {
  switch (delta["type"]) {
    case "text_delta":
      return { text: delta["text"] }
    case "thinking_delta":
      return { reasoningContent: { text: delta["thinking"] } }
    case "signature_delta":
      return { reasoningContent: { signature: delta["signature"] } }
    default:
      return { toolUse: { input: delta["partial_json"] } }
  }
}

function charged(usage: Record<string, number>) {
  const [input = 0, output = 0, read = 0, write = 0] = [
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
  ].map((name) => usage[name])
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output + read + write,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: write,
  }
}
