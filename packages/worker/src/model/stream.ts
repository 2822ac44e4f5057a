import type Anthropic from "@anthropic-ai/sdk"
import type { StopReason } from "@remote-swe/core/log/schema"
import { collect } from "./answer.ts"
import type { Delta } from "./model.ts"

type Event = Anthropic.RawMessageStreamEvent

/** Puts an answer together from the events of Anthropic's stream. */
export function read(onDelta: (delta: Delta) => void) {
  const answer = collect(onDelta)

  function push(event: Event) {
    switch (event.type) {
      case "message_start":
        return count(event.message.usage)
      case "content_block_start":
        return begin(event.index, event.content_block)
      case "content_block_delta":
        return extend(event.index, event.delta)
      case "content_block_stop":
        return answer.finish(event.index)
      case "message_delta":
        count(event.usage)
        if (event.delta.stop_reason) answer.stop(reason(event.delta.stop_reason))
    }
  }

  const count = (usage: Partial<Anthropic.MessageDeltaUsage> | undefined) =>
    answer.count({
      input: usage?.input_tokens,
      output: usage?.output_tokens,
      cacheRead: usage?.cache_read_input_tokens,
      cacheWrite: usage?.cache_creation_input_tokens,
    })

  function begin(index: number, block: Anthropic.ContentBlock) {
    switch (block.type) {
      case "text":
        answer.begin.text(index)
        return answer.extend(index, "text", block.text)
      case "thinking":
        answer.begin.reasoning(index, block.signature)
        return answer.extend(index, "reasoning", block.thinking)
      case "redacted_thinking":
        return answer.begin.redacted(index, block.data)
      case "tool_use":
        return answer.begin.call(index, block.id, block.name, block.input)
    }
  }

  function extend(index: number, delta: Anthropic.RawContentBlockDelta) {
    switch (delta.type) {
      case "text_delta":
        return answer.extend(index, "text", delta.text)
      case "thinking_delta":
        return answer.extend(index, "reasoning", delta.thinking)
      case "signature_delta":
        return answer.sign(index, delta.signature)
      case "input_json_delta":
        return answer.extend(index, "input", delta.partial_json)
    }
  }

  return { push, reply: answer.reply, ended: answer.ended }
}

function reason(given: string): StopReason {
  switch (given) {
    case "end_turn":
    case "stop_sequence":
      return "end"
    case "tool_use":
      return "calls"
    case "max_tokens":
    case "refusal":
      return given
    case "model_context_window_exceeded":
      return "context"
    default:
      return "other"
  }
}
