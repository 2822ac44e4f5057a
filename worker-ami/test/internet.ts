/**
 * `internet.ts <resolver> <names as JSON>`: a resolver at that address, and a web server at each address of each name;
 * the web says "out there". Until its standard input ends.
 */
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { createServer } from "node:http"
import { isIPv6 } from "node:net"

const [resolver = "", given = "{}"] = process.argv.slice(2)
const names: Record<string, string[]> = JSON.parse(given)

const typeA = 1
const typeAAAA = 28

/** The question begins behind a header of 12 bytes: labels with their lengths, an empty one, type and class. */
function answer(query: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString())
    at += 1 + length
  }
  const end = at + 5
  const type = query.readUInt16BE(at + 1)
  const addresses = names[labels.join(".").toLowerCase()]
  const fitting = (addresses ?? []).filter((address) => type === (isIPv6(address) ? typeAAAA : typeA))
  const header = Buffer.from(query.subarray(0, 12))
  // An answer of somebody who may give one; 3: there is no such name.
  header.writeUInt16BE(addresses ? 0x8580 : 0x8583, 2)
  header.writeUInt16BE(fitting.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, query.subarray(12, end), ...fitting.map((address) => record(type, address))])
}

function record(type: number, address: string) {
  const data = isIPv6(address) ? Buffer.from(groups(address)) : Buffer.from(address.split(".").map(Number))
  const head = Buffer.alloc(12)
  // The name of the question.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function groups(address: string) {
  const [head = "", tail = ""] = address.split("::")
  const [front, back] = [head, tail].map((part) => part.split(":").filter(Boolean))
  const zeros = Array<string>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill("0")
  return [...(front ?? []), ...zeros, ...(back ?? [])].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}

const dns = createSocket("udp4")
dns.on("message", (query, from) => dns.send(answer(query), from.port, from.address))
dns.bind(53, resolver)
await once(dns, "listening")
for (const address of new Set(Object.values(names).flat())) {
  const web = createServer((_, response) => response.end("out there\n"))
  web.listen(80, address)
  await once(web, "listening")
}

process.stdout.write("ready\n")
process.stdin.resume().on("end", () => process.exit())
