import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { Guard } from "./guard.ts"
import { close, listen } from "./net.ts"

/** What the one port serves, once it is there. */
export interface Routes {
  /** Hono's listener for `/api/v1`. */
  api: RequestListener
  /** The bucket's name is the first part of its paths. */
  bucket: { name: string; listener: RequestListener }
  dashboard: RequestListener
  /** Takes what Slack sends to `/slack/events`. */
  slack: RequestListener | undefined
  /** Takes over a WebSocket to `/mqtt`. */
  broker(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** The port is taken by somebody else. */
export class PortError extends Error {}

export interface Address {
  port: number
  host: string
  /** Where browsers find us, when that is not the port itself. */
  publicURL?: string | undefined
}

/**
 * Takes the port on both loopback addresses, as `localhost` may mean either, and on `host`. Until `open` is
 * called everything that is asked is answered "not yet".
 */
export async function serve({ port: wanted, host, publicURL }: Address) {
  let routes: Routes | undefined
  const servers = [create()]
  const [first] = servers
  if (!first) throw new Error("No server")
  const [main, ...others] = addresses(host)
  const port = await take(first, main, wanted)
  for (const other of others) {
    const server = create()
    if (await take(server, other, port).catch(other === host ? undefined : noAddress)) servers.push(server)
  }
  const refusal = Guard.create(port, publicURL)
  const local = `http://localhost${port === 80 ? "" : `:${port}`}`
  const origin = publicURL ?? local

  function create() {
    const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => answer(request, response))
    server.on("upgrade", upgrade)
    return server
  }

  function answer(request: IncomingMessage, response: ServerResponse) {
    for (const [name, value] of Object.entries(Guard.headers)) response.setHeader(name, value)
    // Slack comes by a tunnel, under a name that we do not know. Its signature says who it is.
    if (routes?.slack && request.url === "/slack/events") return routes.slack(request, response)
    const reason = refusal(request)
    if (reason) return say(response, 403, { code: "request.foreign", message: reason })
    if (!routes) return say(response, 503, { code: "starting", message: "Remote SWE is starting" })
    // One name for one system: what a page keeps, and where it sends files, belongs to its origin.
    if (isPage(request) && !origin.endsWith(`/${request.headers.host}`))
      return response.writeHead(307, { location: `${origin}${request.url}` }).end()
    const path = request.url ?? "/"
    if (isBelow(path, "/api/v1")) return routes.api(request, response)
    if (isBelow(path, `/${routes.bucket.name}`)) return routes.bucket.listener(request, response)
    routes.dashboard(request, response)
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    socket.on("error", () => socket.destroy())
    const path = request.url ?? "/"
    const status = refusal(request) ? "403 Forbidden" : !routes ? "503 Service Unavailable" : "404 Not Found"
    if (routes && status.startsWith("404") && isBelow(path, "/mqtt")) return routes.broker(request, socket, head)
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
  }

  return {
    port,
    /** For programs of this machine. */
    local,
    /** For browsers. */
    origin,
    open: (ready: Routes) => void (routes = ready),
    async close() {
      await Promise.all(servers.map(close))
    },
  }
}

/** Those to listen on: wildcards hold the loopback address of their kind, and `::` both. */
function addresses(host: string): [main: string, ...others: string[]] {
  if (host === "::") return [host]
  if (host === "0.0.0.0") return [host, "::1"]
  return ["127.0.0.1", "::1", ...(Guard.isLoopback(host) ? [] : [host])]
}

async function take(server: Server, host: string, port: number) {
  return listen(server, { host, port }).catch((error: unknown) => {
    if (code(error) === "EADDRINUSE")
      throw new PortError(`Port ${port} is in use. Stop what uses it, or set PORT to another one: PORT=3001 npm start`)
    if (code(error) === "EACCES") throw new PortError(`Port ${port} may not be used: set PORT to one above 1023`)
    throw error
  })
}

/** A machine without IPv6. */
function noAddress(error: unknown) {
  if (code(error) === "EADDRNOTAVAIL" || code(error) === "EAFNOSUPPORT") return undefined
  throw error
}

const code = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)

const isBelow = (path: string, prefix: string) => path.startsWith(prefix) && /^([/?]|$)/.test(path.slice(prefix.length))

const isPage = ({ headers, method }: IncomingMessage) => method === "GET" && headers["sec-fetch-mode"] === "navigate"

function say(response: ServerResponse, status: number, body: { code: string; message: string }) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}
