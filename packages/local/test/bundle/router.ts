import { createReadStream, existsSync, statSync } from "node:fs"
import {
  createServer,
  type IncomingMessage,
  request as ask,
  type RequestListener,
  type ServerResponse,
} from "node:http"
import path from "node:path"
import type { Duplex } from "node:stream"
import { close, listen } from "../../src/net.ts"

export interface Routes {
  /** Ports of the functions' own addresses. */
  api: number
  web: number
  slack?: number
  /** The dashboard's files. */
  site: string
  bucket: { name: string; listener: RequestListener }
  broker(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** What the functions want to be shown. */
  key: string
}

/** CloudFront's part, and on the same port what has addresses of its own in the cloud: bucket and broker. */
export async function serve() {
  let routes: Routes | undefined
  const server = createServer((request, response) => {
    if (!routes) return response.writeHead(503).end()
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    if (isBelow(pathname, "/api")) return pass(routes.api, routes.key, request, response)
    if (routes.slack && isBelow(pathname, "/slack")) return pass(routes.slack, routes.key, request, response)
    if (isBelow(pathname, `/${routes.bucket.name}`)) return routes.bucket.listener(request, response)
    const file = path.join(routes.site, path.normalize(pathname))
    if (pathname !== "/" && existsSync(file) && statSync(file).isFile()) return send(file, response)
    pass(routes.web, routes.key, request, response)
  })
  server.on("upgrade", (request, socket, head) => {
    if (routes && request.url === "/mqtt") routes.broker(request, socket, head)
    else socket.destroy()
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return {
    origin: `http://localhost:${port}`,
    open: (given: Routes) => void (routes = given),
    close: () => close(server),
  }
}

/** As the router's program does: the host that was asked for, and the key, whatever the visitor sent. */
function pass(port: number, key: string, request: IncomingMessage, response: ServerResponse) {
  const { host, connection: _, ...rest } = request.headers
  const headers = { ...rest, host: `127.0.0.1:${port}`, "x-forwarded-host": host, "x-origin-key": key }
  const { method, url } = request
  const asked = ask({ port, host: "127.0.0.1", method, path: url, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.flushHeaders()
    answer.pipe(response)
    answer.on("error", () => response.destroy())
  })
  asked.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
  response.once("close", () => asked.destroy())
  request.pipe(asked)
}

const types: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
}

function send(file: string, response: ServerResponse) {
  response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" })
  createReadStream(file).pipe(response)
}

const isBelow = (pathname: string, prefix: string) => pathname === prefix || pathname.startsWith(`${prefix}/`)
