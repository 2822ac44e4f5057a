import { type Packet, type Parser, parser } from "mqtt-packet"
import { type RawData, type WebSocket, WebSocketServer } from "ws"

export interface Listener {
  packet(from: "client" | "broker", packet: Packet): void
  opened(): void
  closed(): void
}

/** Watches every WebSocket that this process takes from now on, and reads the MQTT in it. */
export function observe(listener: Listener) {
  const upgrade = Reflect.get(WebSocketServer.prototype, "handleUpgrade")
  const watched: typeof upgrade = function (this: WebSocketServer, request, socket, head, done) {
    upgrade.call(this, request, socket, head, (client, from) => {
      watch(client, listener)
      done(client, from)
    })
  }
  WebSocketServer.prototype.handleUpgrade = watched
}

function watch(socket: WebSocket, listener: Listener) {
  const fromClient = parser()
  let fromBroker: Parser | undefined
  const early: Buffer[] = []
  fromClient.on("packet", (packet) => {
    if (packet.cmd === "connect") {
      fromBroker = parser({ protocolVersion: packet.protocolVersion ?? 4 })
      fromBroker.on("packet", (packet) => listener.packet("broker", packet))
      for (const bytes of early.splice(0)) fromBroker.parse(bytes)
    }
    listener.packet("client", packet)
  })
  socket.on("message", (data: RawData) => void fromClient.parse(buffer(data)))
  socket.on("close", () => listener.closed())
  listener.opened()

  const send = socket.send
  const value = (...given: unknown[]) => {
    const bytes = buffer(given[0] as RawData)
    if (fromBroker) fromBroker.parse(bytes)
    else early.push(bytes)
    Reflect.apply(send, socket, given)
  }
  Object.defineProperty(socket, "send", { value })
}

function buffer(data: RawData) {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? Buffer.from(data) : data
}
