import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { Aedes } from "aedes"
import { createWebSocketStream, WebSocketServer } from "ws"

/** A broker over WebSocket, and the HTTP door through which IoT Core takes messages. It lets everybody in. */
export async function start() {
  const broker = await Aedes.createBroker()
  const messages: { topic: string; payload: unknown }[] = []
  const waiting: { isIt(payload: unknown): boolean; resolve(): void }[] = []
  broker.on("publish", (packet) => {
    if (packet.topic.startsWith("$SYS")) return
    const payload: unknown = JSON.parse(packet.payload.toString())
    messages.push({ topic: packet.topic, payload })
    for (const waiter of waiting.filter(({ isIt }) => isIt(payload))) waiter.resolve()
  })
  const server = createServer(async (request, response) => {
    const payload = await buffer(request)
    const topic = decodeURIComponent(request.url?.split("?")[0]?.slice("/topics/".length) ?? "")
    broker.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, () => response.end("{}"))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on("connection", (socket, request) => {
    const stream = createWebSocketStream(socket)
    stream.on("error", () => socket.terminate())
    broker.handle(stream, request)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo

  return {
    http: `http://127.0.0.1:${port}`,
    url: `ws://127.0.0.1:${port}`,
    /** Everything that was published. */
    messages,
    /** Resolves when such a message has been, or is, published. */
    seen: (isIt: (payload: unknown) => boolean) =>
      messages.some(({ payload }) => isIt(payload))
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiting.push({ isIt, resolve })),
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
      await new Promise<void>((resolve) => broker.close(resolve))
    },
  }
}
