import { createServer, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"

/** One call of the model, answered piece by piece whenever the test says so. */
export interface Call {
  /** The request, as the worker sent it. */
  request: { messages: unknown[]; model: string }
  say(text: string): void
  use(id: string, name: string, input: Record<string, unknown>): void
  /** Ends the answer. */
  end(reason?: "end_turn" | "tool_use"): void
}

/** A server that speaks Anthropic's Messages API and leaves every answer to the test. */
export async function start() {
  const calls: Call[] = []
  const waiting: ((call: Call) => void)[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const call = open(JSON.parse(body), response)
      const next = waiting.shift()
      if (next) next(call)
      else calls.push(call)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (typeof address !== "object" || !address) throw new Error("The scripted model has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** The next call of any session. */
    next: () => {
      const call = calls.shift()
      return call ? Promise.resolve(call) : new Promise<Call>((resolve) => void waiting.push(resolve))
    },
    close() {
      server.closeAllConnections()
      return new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

const usage = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }

function open(request: Call["request"], response: ServerResponse): Call {
  const state = { index: -1, isText: false }
  const send = (type: string, fields: object) =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  response.writeHead(200, { "content-type": "text/event-stream" })
  const message = { id: "msg_test", type: "message", role: "assistant", model: request.model, content: [] }
  send("message_start", { message: { ...message, stop_reason: null, stop_sequence: null, usage } })

  function begin(content_block: object, isText: boolean) {
    finish()
    state.index++
    state.isText = isText
    send("content_block_start", { index: state.index, content_block })
  }
  function finish() {
    if (state.index >= 0) send("content_block_stop", { index: state.index })
  }

  return {
    request,
    say(text) {
      if (!state.isText) begin({ type: "text", text: "" }, true)
      send("content_block_delta", { index: state.index, delta: { type: "text_delta", text } })
    },
    use(id, name, input) {
      begin({ type: "tool_use", id, name, input: {} }, false)
      const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) }
      send("content_block_delta", { index: state.index, delta })
    },
    end(stop_reason = "end_turn") {
      finish()
      send("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } })
      send("message_stop", {})
      response.end()
    },
  }
}
