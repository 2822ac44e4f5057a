import { once } from "node:events"
import { createServer, type IncomingMessage, request, type RequestListener } from "node:http"
import { type AddressInfo, connect, createServer as createSocket, type Socket } from "node:net"
import { text } from "node:stream/consumers"
import { onTestFinished } from "vitest"
import { Egress } from "../../src/egress/index.ts"

/** An internet of a few names, all of which lead to this machine's loopback, or where a test says. */
export function internet(names: Record<string, string[]>) {
  const asked: string[] = []
  const way: Egress.Way = {
    async resolve(name) {
      asked.push(name)
      return names[name] ?? []
    },
    isOpen: (address) => address.startsWith("127.0.0.") || address === "::1",
  }
  return { way, asked }
}

/** A web server out there; answers with what it was asked. */
export async function host(
  answer: RequestListener = async (asked, response) => {
    const body = await text(asked)
    response.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }))
  },
) {
  const server = createServer(answer)
  const connections = new Set<Socket>()
  server.on("connection", (socket) => connections.add(socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, server, connections }
}

/** A server that says back what it hears, and closes when the other side has. */
export async function echo() {
  const server = createSocket({ allowHalfOpen: true }, (socket) => socket.on("error", () => undefined).pipe(socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** The way out of a session, and what it refused. */
export async function open(way: Egress.Way, allowed: string[]) {
  const egress = await Egress.open(way)
  onTestFinished(() => egress.close())
  egress.allow(allowed)
  const refusals: { host: string; port?: number | undefined; why: string; scripts: string[] }[] = []
  egress.listen(({ commands, ...rest }) => refusals.push({ ...rest, scripts: commands.map(({ script }) => script) }))
  return { egress, refusals }
}

export const basic = (proxy: string) => {
  const { username, password } = new URL(proxy)
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`
}

interface Asked {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string
}

/** Asks the proxy at `proxy`, as the command whose address that is, for `url`. */
export async function get(proxy: string, url: string, { method = "GET", headers = {}, body }: Asked = {}) {
  const asked = request({
    ...{ host: "127.0.0.1", port: new URL(proxy).port, method, path: url },
    headers: { "proxy-authorization": basic(proxy), ...headers },
  })
  asked.end(body)
  const [response] = (await once(asked, "response")) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

/** Says `words` to the proxy, byte for byte, and gives all that it answers until it closes. */
export async function say(proxy: string, words: string) {
  const socket = connect(Number(new URL(proxy).port), "127.0.0.1")
  socket.write(words)
  return text(socket)
}

/** A tunnel, or the answer in place of one. */
export async function tunnel(proxy: string, target: string, headers: Record<string, string> = {}) {
  const asked = request({
    ...{ host: "127.0.0.1", port: new URL(proxy).port, method: "CONNECT", path: target, agent: false },
    headers: { "proxy-authorization": basic(proxy), ...headers },
  })
  asked.end()
  const [response, socket] = (await Promise.race([once(asked, "connect"), once(asked, "response")])) as [
    IncomingMessage,
    Socket | undefined,
  ]
  socket?.on("error", () => undefined)
  return { status: response.statusCode, headers: response.headers, socket }
}
