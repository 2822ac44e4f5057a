import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import { type Answer, type Event, events } from "../src/demo/stream.ts"
import { close, listen } from "../src/net.ts"

/** Characters a second: about 80 tokens. How fast a model speaks decides how many previews the broker carries. */
const speed = 320

/** A model that speaks Anthropic's Messages API, as fast as a real one, and says what `script` has next. */
export async function start(script: (made: number) => Answer) {
  const server = createServer((request, response) => {
    speak(request, response, script).catch(() => response.destroy())
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) }
}

async function speak(request: IncomingMessage, response: ServerResponse, script: (made: number) => Answer) {
  const { model, messages }: { model: string; messages: { role: string }[] } = JSON.parse(
    (await buffer(request)).toString(),
  )
  const made = messages.filter(({ role }) => role === "assistant").length
  const said = script(made)
  const usage = {
    input_tokens: 4,
    cache_creation_input_tokens: 1_500,
    cache_read_input_tokens: 4_000 + 1_500 * made,
    output_tokens: 450,
  }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const event of events(said, { id: `msg_${made}`, model, usage })) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    await delay((lengthOf(event) / speed) * 1000)
  }
  response.end()
}

function lengthOf({ delta }: Event) {
  if (typeof delta !== "object" || !delta) return 0
  const { text, thinking, partial_json }: { text?: string; thinking?: string; partial_json?: string } = delta
  return (text ?? thinking ?? partial_json ?? "").length
}
