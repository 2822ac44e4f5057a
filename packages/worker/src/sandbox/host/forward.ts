import { request } from "node:http"
import { createServer, type Socket } from "node:net"
import { pipeline } from "node:stream"

/**
 * In a sandbox that has a network of its own, listens on the port that the git gateway has outside
 * and passes each connection on through the sandbox's proxy. So the gateway has the same address in
 * both worlds.
 */
export function forward(port: number, proxy: URL) {
  const server = createServer({ allowHalfOpen: true }, (client) => connect(client, port, proxy))
  return new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
}

function connect(client: Socket, port: number, proxy: URL) {
  client.on("error", () => client.destroy())
  const identity = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const target = `127.0.0.1:${port}`
  const tunnel = request({
    host: "127.0.0.1",
    port: proxy.port,
    method: "CONNECT",
    path: target,
    headers: { host: target, "proxy-authorization": `Basic ${Buffer.from(identity).toString("base64")}` },
  })
  tunnel.on("error", () => client.destroy())
  tunnel.on("response", () => client.destroy())
  tunnel.on("connect", (response, socket, head) => {
    if (response.statusCode !== 200) return client.destroy()
    if (head.length > 0) client.write(head)
    // Either side may go away at any time; then the other one goes too.
    pipeline(client, socket, () => socket.destroy())
    pipeline(socket, client, () => client.destroy())
  })
  tunnel.end()
}
