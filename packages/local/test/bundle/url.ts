import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { buffer, json } from "node:stream/consumers"
import { close, listen } from "../../src/net.ts"
import type { Lambda } from "./function.ts"

/** A function's own address: requests become events in payload format 2.0, what functions answer becomes answers. */

const maxBytes = 6 * 1024 * 1024

interface Head {
  statusCode?: number
  headers?: Record<string, string>
  cookies?: string[]
}
/** Of a function that doesn't stream. */
interface Whole extends Head {
  body?: string
  isBase64Encoded?: boolean
}

export async function serve(lambda: Lambda) {
  const server = createServer((request, response) => {
    answer(lambda, request, response).catch(() => {
      if (response.headersSent) return response.destroy()
      response.writeHead(502, { "content-type": "application/json" }).end('{"Message":"Internal Server Error"}')
    })
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return { port, close: () => close(server) }
}

async function answer(lambda: Lambda, request: IncomingMessage, response: ServerResponse) {
  const body = await buffer(request)
  if (body.length > maxBytes) return response.writeHead(413).end()
  const said = await lambda.invoke(event(request, body))
  const head = said.headers["x-head"]
  if (said.statusCode !== 200) {
    said.resume()
    return response.writeHead(502, { "content-type": "application/json" }).end('{"Message":"Internal Server Error"}')
  }
  if (!head) {
    const whole = (await json(said)) as Whole
    begin(response, whole)
    return response.end(Buffer.from(whole.body ?? "", whole.isBase64Encoded ? "base64" : "utf8"))
  }
  begin(response, JSON.parse(decodeURIComponent(String(head))))
  response.flushHeaders()
  said.pipe(response)
  response.once("close", () => said.destroy())
}

function begin(response: ServerResponse, { statusCode = 200, headers = {}, cookies = [] }: Head) {
  response.writeHead(statusCode, { ...headers, ...(cookies.length > 0 && { "set-cookie": cookies }) })
}

function event(request: IncomingMessage, body: Buffer) {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost")
  const { cookie, ...given } = request.headers
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
  const isText = /^text\/|json|xml|javascript|x-www-form-urlencoded/.test(headers["content-type"] ?? "")
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers,
    requestContext: {
      domainName: headers["host"],
      requestId: crypto.randomUUID(),
      routeKey: "$default",
      stage: "$default",
      timeEpoch: Date.now(),
      http: {
        method: request.method,
        path: pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}
