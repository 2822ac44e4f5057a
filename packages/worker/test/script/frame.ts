import { crc32 } from "node:zlib"

/**
 * One message of an AWS event stream: length of all, length of the headers, checksum of these two, headers,
 * payload, checksum of all. A header is its name and a string, each with its length before it.
 */
export function frame(headers: Record<string, string>, payload: unknown): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(header))
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(head.length + body.length + 16, 0)
  prelude.writeUInt32BE(head.length, 4)
  const message = Buffer.concat([prelude, checksum(prelude), head, body])
  return Buffer.concat([message, checksum(message)])
}

const isString = 7

function header([name, value]: [string, string]) {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(value))
  return Buffer.concat([
    Buffer.of(Buffer.byteLength(name)),
    Buffer.from(name),
    Buffer.of(isString),
    length,
    Buffer.from(value),
  ])
}

function checksum(bytes: Buffer) {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return sum
}
