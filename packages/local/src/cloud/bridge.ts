import { Duplex } from "node:stream"
import { generate, type IConnackPacket, type Packet, parser } from "mqtt-packet"

/**
 * Lets clients speak MQTT 5 to a broker that knows 3.1.1, as IoT Core takes both: what version 5 added
 * to a packet is left out on the way in, and its required parts are put in on the way out.
 */
export function bridge(client: Duplex): Duplex {
  const fromClient = parser()
  const fromBroker = parser({ protocolVersion: 4 })
  /** How many topics each open unsubscribe named: version 5 answers each of them. */
  const unsubscribes = new Map<number, number>()
  let version = 4

  const broker = new Duplex({
    read: () => void client.resume(),
    write(chunk: Buffer, _, done) {
      fromBroker.parse(chunk)
      done()
    },
    final: (done) => void client.end(done),
    destroy(error, done) {
      client.destroy()
      done(error)
    },
  })

  client.on("data", (chunk: Buffer) => void fromClient.parse(chunk))
  client.on("end", () => broker.push(null))
  client.on("close", () => broker.destroy())
  client.on("error", (error) => broker.destroy(error))
  fromClient.on("error", (error) => broker.destroy(error))
  fromBroker.on("error", (error) => broker.destroy(error))

  fromClient.on("packet", (packet: Packet) => {
    if (packet.cmd === "connect") version = packet.protocolVersion ?? 4
    if (packet.cmd === "unsubscribe") unsubscribes.set(packet.messageId ?? 0, packet.unsubscriptions.length)
    if (!broker.push(generate(version === 5 ? toOld(packet) : packet, { protocolVersion: 4 }))) client.pause()
  })
  fromBroker.on("packet", (packet: Packet) => {
    const answer = version === 5 ? toNew(packet, unsubscribes) : packet
    client.write(generate(answer, { protocolVersion: version }))
  })
  return broker
}

function toOld(packet: Packet): Packet {
  const { properties: _, ...rest } = { properties: undefined, ...packet }
  if (rest.cmd === "connect")
    return { ...rest, protocolVersion: 4, ...(rest.will && { will: { ...rest.will, properties: {} } }) }
  if (rest.cmd !== "subscribe") return rest
  return { ...rest, subscriptions: rest.subscriptions.map(({ topic, qos }) => ({ topic, qos })) }
}

function toNew(packet: Packet, unsubscribes: Map<number, number>): Packet {
  if (packet.cmd === "connack") return { ...packet, reasonCode: reason(packet) }
  if (packet.cmd !== "unsuback") return packet
  const count = unsubscribes.get(packet.messageId ?? 0) ?? 1
  unsubscribes.delete(packet.messageId ?? 0)
  return { ...packet, granted: Array<number>(count).fill(0) }
}

/** Version, identifier, server, password, not authorised: why a connection was refused. */
const reasons = [0, 0x84, 0x85, 0x88, 0x86, 0x87]
const reason = ({ returnCode = 0 }: IConnackPacket) => reasons[returnCode] ?? 0x80
