export * as Demo from "./index.ts"
export { prepare, suggestion, type Task } from "./repository.ts"
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import * as v from "valibot"
import { close, listen } from "../net.ts"
import { next } from "./answer.ts"
import { read } from "./conversation.ts"
import { type Answer, type Event, events, type Head, type Usage, whole } from "./stream.ts"
import { refusal, Request } from "./wire.ts"

export interface Server {
  /** For `ANTHROPIC_BASE_URL`. */
  url: string
  close(): Promise<void>
}

/**
 * A model that speaks Anthropic's Messages API and plays one recorded task. `paceMs` is the pause
 * between two pieces of a stream; 0 for none.
 */
export async function start({ paceMs = 10, port = 0 }: { paceMs?: number; port?: number } = {}): Promise<Server> {
  const server = createServer((request, response) => {
    serve(request, response, paceMs).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      problem(response, 500, "api_error", error instanceof Error ? error.message : "Internal server error")
    })
  })
  const bound = await listen(server, { host: "127.0.0.1", port })
  return { url: `http://127.0.0.1:${bound}`, close: () => close(server) }
}

async function serve(request: IncomingMessage, response: ServerResponse, paceMs: number) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost")
  if (pathname !== "/v1/messages") return problem(response, 404, "not_found_error", `There is no ${pathname}`)
  if (request.method !== "POST") return problem(response, 405, "invalid_request_error", "Method not allowed")
  if (!request.headers["x-api-key"] && !request.headers.authorization)
    return problem(response, 401, "authentication_error", "x-api-key header is required")

  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Request), await text(request))
  if (!parsed.success) return problem(response, 400, "invalid_request_error", complaint(parsed.issues[0]))
  const refused = refusal(parsed.output.messages)
  if (refused) return problem(response, 400, "invalid_request_error", refused)

  const { model, thinking, stream, tools, messages } = parsed.output
  const said = next(
    read(messages),
    tools.map((tool) => tool.name),
  )
  const answer: Answer = !thinking || thinking.type === "disabled" ? { ...said, thinking: "" } : said
  const head: Head = { id: `msg_demo_${salt()}`, model, usage: usage(parsed.output, answer) }
  response.setHeader("request-id", `req_demo_${salt()}`)
  if (stream) return await send(response, events(answer, head), paceMs)
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify(whole(answer, head)))
}

async function send(response: ServerResponse, stream: Iterable<Event>, paceMs: number) {
  response.setHeader("content-type", "text/event-stream; charset=utf-8")
  response.setHeader("cache-control", "no-cache")
  for (const event of stream) {
    if (response.destroyed) return
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    // A model takes longer to its first word than from word to word.
    if (paceMs > 0) await delay(event.type === "ping" ? paceMs * 15 : paceMs)
  }
  response.end()
}

function problem(response: ServerResponse, status: number, type: string, message: string) {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify({ type: "error", error: { type, message } }))
}

function complaint(issue: v.BaseIssue<unknown>) {
  const place = issue.path?.map((item) => String(item.key)).join(".")
  return place ? `${place}: ${issue.message}` : issue.message
}

/** About four characters are a token. What stands before the newest message counts as cached. */
function usage({ system, tools, messages }: Request, answer: Answer): Usage {
  const tokens = (value: unknown) => Math.ceil(JSON.stringify(value ?? "").length / 4)
  const older = messages.slice(0, -2)
  const newer = tokens(messages.slice(-2))
  const fixed = tokens(system) + tokens(tools)
  return {
    input_tokens: 4,
    cache_read_input_tokens: older.length > 0 ? fixed + tokens(older) : 0,
    cache_creation_input_tokens: older.length > 0 ? newer : fixed + newer,
    output_tokens: tokens(answer),
  }
}

const salt = () => randomUUID().replaceAll("-", "").slice(0, 20)
