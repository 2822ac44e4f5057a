export * as Packet from "./packet.ts"

/**
 * The pkt-line framing of git's protocol: four hex digits of length, themselves included, then the
 * payload; `0000` ends a section. https://git-scm.com/docs/gitprotocol-common
 */

/** Bytes of the largest packet, its length included. */
export const limit = 65_520

export const flush = Buffer.from("0000")

export function encode(payload: Uint8Array | string) {
  const bytes = Buffer.from(payload)
  if (bytes.length > limit - 4) throw new Error(`A packet of ${bytes.length} bytes is too long`)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes])
}

export class MalformedError extends Error {}

/** `packets` until the first flush and what came after it; undefined while the flush has not come. */
export function section(bytes: Buffer): { packets: Buffer[]; rest: Buffer } | undefined {
  const packets: Buffer[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const digits = bytes.toString("latin1", at, at + 4)
    if (!/^[\da-f]{4}$/i.test(digits)) throw new MalformedError("A packet without a length")
    const length = Number.parseInt(digits, 16)
    if (length === 0) return { packets, rest: bytes.subarray(at + 4) }
    if (length < 4 || length > limit) throw new MalformedError(`A packet of length ${length}`)
    if (at + length > bytes.length) return undefined
    packets.push(bytes.subarray(at + 4, at + length))
    at += length
  }
  return undefined
}
