import { sign } from "./wire.ts"

/** What the model says next, before it is cut into the events of a stream. */
export interface Answer {
  thinking?: string
  text: string
  calls: Call[]
}

export interface Call {
  id: string
  name: string
  input: Record<string, unknown>
}

export interface Head {
  id: string
  model: string
  usage: Usage
}

export interface Usage {
  input_tokens: number
  cache_creation_input_tokens: number
  cache_read_input_tokens: number
  output_tokens: number
}

export type Event = { type: string } & Record<string, unknown>

/** The events of a streamed answer, in the order in which Anthropic sends them. */
export function* events(answer: Answer, head: Head): Generator<Event> {
  const { usage } = head
  const message = { ...whole({ text: "", calls: [] }, head), content: [], stop_reason: null }
  yield { type: "message_start", message: { ...message, usage: { ...usage, output_tokens: 1 } } }
  yield { type: "ping" }
  for (const [index, block] of blocks(answer).entries()) {
    yield { type: "content_block_start", index, content_block: block.empty }
    for (const delta of block.deltas) yield { type: "content_block_delta", index, delta }
    yield { type: "content_block_stop", index }
  }
  yield { type: "message_delta", delta: { stop_reason: stopReason(answer), stop_sequence: null }, usage }
  yield { type: "message_stop" }
}

/** The same answer for a caller that doesn't stream. */
export function whole(answer: Answer, { id, model, usage }: Head) {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: blocks(answer).map((block) => block.full),
    stop_reason: stopReason(answer) as string | null,
    stop_sequence: null,
    usage,
  }
}

const stopReason = (answer: Answer) => (answer.calls.length > 0 ? "tool_use" : "end_turn")

function blocks({ thinking, text, calls }: Answer) {
  return [
    ...(thinking ? [thought(thinking)] : []),
    ...(text ? [said(text)] : []),
    ...calls.map((call) => {
      const use = { type: "tool_use", id: call.id, name: call.name }
      const deltas = pieces(JSON.stringify(call.input), 48).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }))
      return { empty: { ...use, input: {} }, full: { ...use, input: call.input }, deltas }
    }),
  ]
}

function thought(thinking: string) {
  const signature = sign(thinking)
  return {
    empty: { type: "thinking", thinking: "", signature: "" },
    full: { type: "thinking", thinking, signature },
    deltas: [
      ...pieces(thinking, 16).map((piece) => ({ type: "thinking_delta", thinking: piece })),
      { type: "signature_delta", signature },
    ],
  }
}

function said(text: string) {
  return {
    empty: { type: "text", text: "" },
    full: { type: "text", text },
    deltas: pieces(text, 16).map((piece) => ({ type: "text_delta", text: piece })),
  }
}

/** Cuts between words, at about `size` characters. */
function pieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}\\S*\\s*`, "g")) ?? []
}
