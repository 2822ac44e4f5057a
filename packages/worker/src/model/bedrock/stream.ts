import type {
  ContentBlockDelta,
  ConverseStreamOutput,
  ReasoningContentBlockDelta,
  TokenUsage,
} from "@aws-sdk/client-bedrock-runtime"
import type { StopReason } from "@remote-swe/core/log/schema"
import { collect } from "../answer.ts"
import type { Delta } from "../model.ts"

const charactersPerToken = 4

/** Puts an answer together from the events of Converse. `nameOf`: a tool's name as we know it. */
export function read(onDelta: (delta: Delta) => void, nameOf: (name: string) => string) {
  const answer = collect(onDelta)
  const redacted = new Map<number, Uint8Array[]>()
  let usage: TokenUsage | undefined

  function push({
    contentBlockStart,
    contentBlockDelta,
    contentBlockStop,
    messageStop,
    metadata,
  }: ConverseStreamOutput) {
    if (contentBlockStart?.start?.toolUse) {
      const { toolUseId = "", name = "" } = contentBlockStart.start.toolUse
      answer.begin.call(contentBlockStart.contentBlockIndex ?? 0, toolUseId, nameOf(name))
    }
    if (contentBlockDelta?.delta) extend(contentBlockDelta.contentBlockIndex ?? 0, contentBlockDelta.delta)
    if (contentBlockStop) answer.finish(contentBlockStop.contentBlockIndex ?? 0)
    if (messageStop) answer.stop(reason(messageStop.stopReason))
    if (metadata?.usage) count(metadata.usage)
  }

  /** Only calls are announced; other blocks begin with their first piece. */
  function extend(index: number, { text, toolUse, reasoningContent }: ContentBlockDelta) {
    if (text !== undefined) {
      if (!answer.has(index)) answer.begin.text(index)
      answer.extend(index, "text", text)
    }
    if (toolUse?.input !== undefined) answer.extend(index, "input", toolUse.input)
    if (reasoningContent) reasoned(index, reasoningContent)
  }

  function reasoned(index: number, { text, signature, redactedContent }: ReasoningContentBlockDelta) {
    if (redactedContent) {
      const pieces = [...(redacted.get(index) ?? []), redactedContent]
      redacted.set(index, pieces)
      return answer.begin.redacted(index, Buffer.concat(pieces).toString("base64"))
    }
    if (!answer.has(index)) answer.begin.reasoning(index)
    if (text !== undefined) answer.extend(index, "reasoning", text)
    if (signature !== undefined) answer.sign(index, signature)
  }

  function count(given: TokenUsage) {
    usage = given
    answer.count({
      input: given.inputTokens,
      output: given.outputTokens,
      cacheRead: given.cacheReadInputTokens,
      cacheWrite: given.cacheWriteInputTokens,
    })
  }

  return {
    ...{ push, ended: answer.ended },
    /** Tokens of the prompt, once they are known. */
    prompt: () =>
      usage && (usage.inputTokens ?? 0) + (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0),
    whole: () => answer.reply(false),
    /** The charge comes last, so of an answer that is cut off it is guessed. `prompt`: tokens of the one before. */
    cut(prompt: number) {
      const length = answer.length()
      if (!usage && length > 0) answer.count({ cacheRead: prompt, output: Math.ceil(length / charactersPerToken) })
      return answer.reply(true)
    },
  }
}

function reason(given: string | undefined): StopReason {
  switch (given) {
    case "end_turn":
    case "stop_sequence":
      return "end"
    case "tool_use":
      return "calls"
    case "max_tokens":
      return "max_tokens"
    case "model_context_window_exceeded":
      return "context"
    case "refusal":
    case "guardrail_intervened":
    case "content_filtered":
      return "refusal"
    default:
      return "other"
  }
}
