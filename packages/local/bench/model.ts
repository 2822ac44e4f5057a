import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

/** What a scripted model says: a text, or calls. */
export type Reply = { text: string; pieces?: number; everyMs?: number } | { calls: { name: string; input: unknown }[] }

interface Message {
  role: string
  content: string | { type: string; text?: string; content?: unknown }[]
}

/** What the script decides by. */
export interface Request {
  /** The latest thing that a person said. */
  said: string
  /** Answers of the model since then. */
  answers: number
}

export interface Hooks {
  /** A request has come in whole; before it is looked at. */
  onRequest?(at: number): void
  /** The last byte of an answer was handed to the network. */
  onAnswer?(at: number): void
}

/** A model without latency that speaks Anthropic's Messages API and says what `script` decides. */
export async function start(script: (request: Request) => Reply, hooks: Hooks = {}) {
  let count = 0
  const server = createServer((request, response) => {
    buffer(request).then(
      async (bytes) => {
        hooks.onRequest?.(performance.now())
        const { messages } = JSON.parse(bytes.toString()) as { messages: Message[] }
        await write(response, script(look(messages)), ++count)
        response.end(() => hooks.onAnswer?.(performance.now()))
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function look(messages: Message[]): Request {
  const texts = messages.map(({ role, content }) => {
    if (role !== "user") return ""
    if (typeof content === "string") return content
    return content.flatMap((block) => (block.type === "text" ? [block.text ?? ""] : [])).join("\n")
  })
  const at = texts.findLastIndex((text) => text !== "")
  return { said: texts[at] ?? "", answers: messages.slice(at + 1).filter(({ role }) => role === "assistant").length }
}

async function write(response: ServerResponse, reply: Reply, count: number) {
  response.writeHead(200, { "content-type": "text/event-stream" })
  const send = (event: { type: string } & Record<string, unknown>) =>
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 10 }
  const message = {
    id: `msg_${count}`,
    type: "message",
    role: "assistant",
    model: "bench",
    content: [],
    stop_reason: null,
  }
  send({ type: "message_start", message: { ...message, usage } })
  if ("text" in reply) {
    send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } })
    for (let piece = 0; piece < (reply.pieces ?? 1); piece++) {
      if (reply.everyMs) await new Promise((resolve) => setTimeout(resolve, reply.everyMs))
      send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: reply.text } })
    }
    send({ type: "content_block_stop", index: 0 })
  } else {
    for (const [index, { name, input }] of reply.calls.entries()) {
      const block = { type: "tool_use", id: `toolu_${count}_${index}`, name, input: {} }
      send({ type: "content_block_start", index, content_block: block })
      send({
        type: "content_block_delta",
        index,
        delta: { type: "input_json_delta", partial_json: JSON.stringify(input) },
      })
      send({ type: "content_block_stop", index })
    }
  }
  send({
    type: "message_delta",
    delta: { stop_reason: "text" in reply ? "end_turn" : "tool_use", stop_sequence: null },
    usage,
  })
  send({ type: "message_stop" })
}
