import { decide } from "@remote-swe/core/egress/decide"
import type { Why } from "@remote-swe/core/egress/schema"
import { Logger } from "@remote-swe/core/logger"
import { once } from "node:events"
import { createServer, type IncomingMessage, request as send, type ServerResponse, STATUS_CODES } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import { pipeline } from "node:stream"
import type { Named } from "./register.ts"
import { connect, type Way } from "./reach.ts"
import * as Words from "./words.ts"

/**
 * The one way out for commands where the network is closed: an HTTP proxy on loopback, with CONNECT and with
 * addresses that begin with http://. It knows each command, asks the list at each connection, resolves names by
 * itself and connects to the very address that it looked at.
 */
export interface Options {
  identify(header: string | undefined): Named | undefined
  allowed(): readonly string[]
  refused(refusal: { host: string; port: number; why: Why; command: Named }): void
  way: Way
}

/** What all commands together may hold open, and for how long without a word. */
const mostConnections = 256
const idleMs = 10 * 60_000
const headerMs = 10_000
const headerBytes = 16 * 1024

/** What the command gets instead of what it asked for. */
class Answer extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, text: string, headers: Record<string, string> = {}) {
    super(text)
    this.status = status
    this.headers = { "content-type": "text/plain; charset=utf-8", connection: "close", ...headers }
  }
}

interface Target {
  host: string
  port: number
}

export async function open({ identify, allowed, refused, way }: Options) {
  const server = createServer({ maxHeaderSize: headerBytes, headersTimeout: headerMs, requestTimeout: 0 })
  server.maxConnections = mostConnections
  server.timeout = idleMs
  const tunnels = new Set<Duplex>()

  /** A connection to where a request wants to go; throws the answer where it gets none. */
  async function reach(request: IncomingMessage, target: Target | undefined) {
    const command = identify(request.headers["proxy-authorization"])
    if (!command) throw new Answer(407, Words.unknown, { "proxy-authenticate": 'Basic realm="commands"' })
    if (!target) throw new Answer(400, Words.noTarget)
    const { port } = target
    const refuse = (host: string, why: Why) => {
      refused({ host, port, why, command })
      return new Answer(403, Words.refused({ host, port }, why))
    }
    const decision = decide(target.host, port, allowed())
    if (decision.type === "refused") throw refuse(decision.host, decision.why)
    const { name } = decision
    const addresses = await way.resolve(name)
    if (addresses.length === 0) throw new Answer(502, Words.unresolved({ host: name, port }))
    const public_ = addresses.filter(way.isOpen)
    if (public_.length === 0) throw refuse(name, "address")
    const socket = await connect(name, port, public_).catch((error: Error) => {
      throw new Answer(502, Words.unreachable({ host: name, port }, reason(error)))
    })
    socket.setTimeout(idleMs, () => socket.destroy())
    return { socket, name }
  }

  async function tunnel(request: IncomingMessage, client: Socket, head: Buffer) {
    const { socket } = await reach(request, authority(request.url ?? ""))
    if (client.destroyed) return void socket.destroy()
    client.write("HTTP/1.1 200 Connection established\r\n\r\n")
    if (head.length > 0) socket.write(head)
    // Either side may go away at any time; then the other one goes too.
    pipeline(client, socket, (error) => error && client.destroy())
    pipeline(socket, client, (error) => error && socket.destroy())
  }

  async function forward(request: IncomingMessage, response: ServerResponse) {
    const [, host = "", path = ""] = /^http:\/\/([^/?#]+)([^#]*)$/i.exec(request.url ?? "") ?? []
    const target = authority(host, 80)
    const { socket, name } = await reach(request, target)
    if (response.destroyed) return void socket.destroy()
    const port = target?.port === 80 || !target ? "" : `:${target.port}`
    const onward = send({
      createConnection: () => socket,
      method: request.method,
      path: path.startsWith("/") ? path : `/${path}`,
      headers: ["host", `${name}${port}`, ...endToEnd(request.rawHeaders)],
    })
    onward.on("response", (answer) => {
      // How it is sent on depends on whom it is sent to.
      const headers = endToEnd(answer.rawHeaders, ["transfer-encoding"])
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers)
      pipeline(answer, response, (error) => error && response.destroy())
    })
    onward.on("error", (error) => fail(response, new Answer(502, Words.unreachable({ host: name }, reason(error)))))
    response.on("close", () => onward.destroy())
    pipeline(request, onward, (error) => error && onward.destroy())
  }

  server.on("request", (request, response) => {
    forward(request, response).catch((error: unknown) => fail(response, toAnswer(error)))
  })
  server.on("connect", (request, client, head) => {
    tunnels.add(client)
    client.once("close", () => tunnels.delete(client))
    // Whoever writes to it hears of an error as well.
    client.on("error", () => client.destroy())
    ;(client as Socket).setTimeout(idleMs, () => client.destroy())
    tunnel(request, client as Socket, head).catch((error: unknown) => refuse(client as Socket, toAnswer(error)))
  })
  server.on("clientError", (_error, client) => client.destroy())

  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      for (const client of tunnels) client.destroy()
      await closed
    },
  }
}

/** `host:port`, as CONNECT has it; with `usual` the port may be left out. */
function authority(text: string, usual?: number): Target | undefined {
  const [, host, written] = /^(\[[^\]]*\]|[^:@]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = written === undefined ? usual : Number(written)
  if (!host || port === undefined || port < 1 || port > 65_535) return
  return { host, port }
}

/** Of one connection only, whoever set them. */
const hopByHop = [
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"],
  ...["upgrade", "host", "expect"],
]

/** Names and values in turn, as they came, without what belongs to one connection. */
function endToEnd(raw: readonly string[], besides: readonly string[] = []) {
  const pairs = Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? "", raw[index * 2 + 1] ?? ""])
  const listed = pairs.flatMap(([name = "", value = ""]) =>
    name.toLowerCase() === "connection" ? value.toLowerCase().split(/\s*,\s*/) : [],
  )
  const dropped = [...hopByHop, ...listed, ...besides]
  return pairs.filter(([name = ""]) => !dropped.includes(name.toLowerCase())).flat()
}

function toAnswer(error: unknown) {
  if (error instanceof Answer) return error
  Logger.error("the proxy of commands failed", { error })
  return new Answer(500, "The proxy failed.")
}

function fail(response: ServerResponse, { status, message, headers }: Answer) {
  if (response.headersSent || response.destroyed) return void response.destroy()
  response.writeHead(status, headers)
  response.end(`${message}\n`)
}

/** Who asked for a tunnel may have said more already: it is taken, so that the answer is not lost with it. */
function refuse(client: Socket, answer: Answer) {
  client.setTimeout(headerMs)
  client.resume()
  client.end(raw(answer))
}

function raw({ status, message, headers }: Answer) {
  const text = `${message}\n`
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(text)) })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")
  // Many programs show this of an answer to CONNECT, and nothing else.
  const phrase = status === 403 ? Words.phrase : STATUS_CODES[status]
  return `HTTP/1.1 ${status} ${phrase}\r\n${head}\r\n${text}`
}

/** Without the addresses that system errors name. */
function reason(error: Error) {
  return "code" in error && typeof error.code === "string" ? error.code : error.message
}
