import type { Body } from "./wire.ts"

export type Part =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted"; data: string }
  /** A string as `input` is sent as it is, JSON or not. */
  | { type: "call"; id?: string; name: string; input: Record<string, unknown> | string }

/** How an answer ends instead of properly. */
export type Ending =
  /** An error event in the stream: no HTTP status. */
  | { type: "error"; error: string; message: string }
  /** The connection breaks. */
  | { type: "cut" }
  /** The stream is closed without its last events. */
  | { type: "close" }
  /** Nothing more comes; the client has to go. */
  | { type: "hang" }

export interface Answer {
  parts: Part[]
  stopReason?: string
  usage?: { input_tokens?: number; output_tokens?: number; cache_read_input_tokens?: number }
  /** Characters in each event; by default everything in a few. */
  chunk?: number
  /** Pause before each event, for what has to be seen in motion. */
  delayMs?: number
  ending?: Ending
  /** The last part is not finished when `ending` comes, or when its answer is cut short by `max_tokens`. */
  unfinished?: boolean
}

export interface Failure {
  status: number
  error: string
  message: string
  headers?: Record<string, string>
  /** What is answered instead, of somebody in between. */
  raw?: string
}

export type Reply = Answer | Failure
/** What the server answers to a request, or how it finds out. */
export type Step = Reply | ((body: Body) => Reply)

export const text = (text: string, more: Partial<Answer> = {}): Answer => ({ parts: [{ type: "text", text }], ...more })

export const call = (name: string, input: Record<string, unknown> | string, id?: string): Part => ({
  type: "call",
  name,
  input,
  ...(id && { id }),
})

export const calls = (...parts: Part[]): Answer => ({ parts })

export const failure = (
  status: number,
  error: string,
  message: string,
  headers: Record<string, string> = {},
): Failure => ({ status, error, message, headers })

let counter = 0

/** The stream of an answer, event by event. */
export function* events(answer: Answer, model: string): Generator<{ type: string } & Record<string, unknown>> {
  const number = ++counter
  const { parts, usage, ending, unfinished } = answer
  const input = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, ...usage }
  const message = { id: `msg_${number}`, type: "message", role: "assistant", model, content: [], stop_reason: null }
  yield { type: "message_start", message: { ...message, usage: { ...input, output_tokens: 1 } } }
  yield { type: "ping" }
  for (const [index, part] of parts.entries()) {
    yield { type: "content_block_start", index, content_block: begun(part, `toolu_${number}_${index}`) }
    for (const delta of deltas(part, answer.chunk ?? 4_000)) yield { type: "content_block_delta", index, delta }
    const last = index === parts.length - 1
    if (!(last && unfinished)) {
      if (part.type === "thinking")
        yield { type: "content_block_delta", index, delta: { type: "signature_delta", signature: part.signature } }
      yield { type: "content_block_stop", index }
    }
  }
  if (ending?.type === "error") yield { type: "error", error: { type: ending.error, message: ending.message } }
  if (ending) return
  const stopReason = answer.stopReason ?? (parts.some((part) => part.type === "call") ? "tool_use" : "end_turn")
  const delta = { stop_reason: stopReason, stop_sequence: null }
  yield { type: "message_delta", delta, usage: { output_tokens: usage?.output_tokens ?? 20 } }
  yield { type: "message_stop" }
}

function begun(part: Part, id: string) {
  switch (part.type) {
    case "text":
      return { type: "text", text: "" }
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" }
    case "redacted":
      return { type: "redacted_thinking", data: part.data }
    case "call":
      return { type: "tool_use", id: part.id ?? id, name: part.name, input: {} }
  }
}

function* deltas(part: Part, chunk: number) {
  switch (part.type) {
    case "text":
      for (const text of slices(part.text, chunk)) yield { type: "text_delta", text }
      return
    case "thinking":
      for (const thinking of slices(part.thinking, chunk)) yield { type: "thinking_delta", thinking }
      return
    case "call": {
      const json = typeof part.input === "string" ? part.input : JSON.stringify(part.input)
      for (const partial_json of slices(json, chunk)) yield { type: "input_json_delta", partial_json }
    }
  }
}

function* slices(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}
