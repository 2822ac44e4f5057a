import type Anthropic from "@anthropic-ai/sdk"
import type { Block, StopReason } from "@remote-swe/core/log/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"
import type { Delta, Reply } from "./model.ts"

type Event = Anthropic.RawMessageStreamEvent

/** A block in the making. Pieces are joined once, so that a long answer costs no more than its length. */
type Draft =
  | { type: "text"; pieces: string[]; done: boolean }
  | { type: "reasoning"; pieces: string[]; signature: string; done: boolean }
  | { type: "redacted"; data: string; done: boolean }
  | { type: "call"; id: string; name: string; given: unknown; pieces: string[]; done: boolean }

/** Puts an answer together from the events of its stream. */
export function collect(onDelta: (delta: Delta) => void) {
  const drafts = new Map<number, Draft>()
  const tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  let stopReason: StopReason | undefined

  function count(usage: Partial<Anthropic.MessageDeltaUsage> | undefined) {
    tokens.input = usage?.input_tokens ?? tokens.input
    tokens.output = usage?.output_tokens ?? tokens.output
    tokens.cacheRead = usage?.cache_read_input_tokens ?? tokens.cacheRead
    tokens.cacheWrite = usage?.cache_creation_input_tokens ?? tokens.cacheWrite
  }

  function push(event: Event) {
    switch (event.type) {
      case "message_start":
        return count(event.message.usage)
      case "content_block_start":
        return begin(event.index, event.content_block)
      case "content_block_delta":
        return extend(event.index, event.delta)
      case "content_block_stop": {
        const draft = drafts.get(event.index)
        if (draft) draft.done = true
        return
      }
      case "message_delta":
        count(event.usage)
        stopReason = event.delta.stop_reason ? reason(event.delta.stop_reason) : stopReason
    }
  }

  function begin(index: number, block: Anthropic.ContentBlock) {
    switch (block.type) {
      case "text":
        drafts.set(index, { type: "text", pieces: [block.text], done: false })
        if (block.text) onDelta({ type: "text", index, text: block.text })
        return
      case "thinking": {
        const { thinking, signature } = block
        drafts.set(index, { type: "reasoning", pieces: [thinking], signature: signature ?? "", done: false })
        if (thinking) onDelta({ type: "reasoning", index, text: thinking })
        return
      }
      case "redacted_thinking":
        return void drafts.set(index, { type: "redacted", data: block.data, done: false })
      case "tool_use": {
        const { id, name, input } = block
        drafts.set(index, { type: "call", id, name, given: input, pieces: [], done: false })
        return onDelta({ type: "call", index, callID: id, name })
      }
    }
  }

  function extend(index: number, delta: Anthropic.RawContentBlockDelta) {
    const draft = drafts.get(index)
    if (draft?.type === "text" && delta.type === "text_delta") {
      draft.pieces.push(delta.text)
      return onDelta({ type: "text", index, text: delta.text })
    }
    if (draft?.type === "reasoning" && delta.type === "thinking_delta") {
      draft.pieces.push(delta.thinking)
      return onDelta({ type: "reasoning", index, text: delta.thinking })
    }
    if (draft?.type === "reasoning" && delta.type === "signature_delta") {
      draft.signature += delta.signature
      return
    }
    if (draft?.type === "call" && delta.type === "input_json_delta") {
      draft.pieces.push(delta.partial_json)
      return onDelta({ type: "input", index, text: delta.partial_json })
    }
  }

  /** The whole answer, or what there is of it when it was cut off. */
  function reply(cut: boolean): Reply {
    const ordered = [...drafts].sort(([a], [b]) => a - b).map(([, draft]) => draft)
    return { content: ordered.flatMap((draft) => block(draft, cut)), tokens, stopReason: cut ? "aborted" : reasonOf() }
  }

  function reasonOf(): StopReason {
    const calls = [...drafts.values()].some((draft) => draft.type === "call")
    return stopReason === "end" && calls ? "calls" : (stopReason ?? "other")
  }

  return { push, reply, ended: () => stopReason !== undefined }
}

function block(draft: Draft, cut: boolean): Block[] {
  switch (draft.type) {
    case "text": {
      const text = draft.pieces.join("")
      return text.trim() ? [{ type: "text", text }] : []
    }
    case "reasoning":
      // Without its signature the provider would refuse it.
      if (!draft.signature) return []
      return [{ type: "reasoning", text: draft.pieces.join(""), signature: draft.signature }]
    case "redacted":
      return [{ type: "redacted", data: draft.data }]
    case "call":
      if (cut && !draft.done) return []
      return [{ type: "call", id: draft.id, name: draft.name, ...parse(draft.pieces.join(""), draft.given) }]
  }
}

function parse(text: string, given: unknown): { input: Record<string, unknown>; malformed?: string } {
  if (text.trim() === "") return { input: isObject(given) ? given : {} }
  const value = json(text)
  return isObject(value) ? { input: value } : { input: {}, malformed: text }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

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
