import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { inflateRawSync } from "node:zlib"

/** Unpacks an archive as Lambda would. Knows what SST's packer writes: stored and deflated entries. */
export function unpack(file: string, folder: string) {
  const zip = readFileSync(file)
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10)
    const size = zip.readUInt32LE(at + 20)
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength)
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const body = zip.subarray(start, start + size)
    const target = path.join(folder, name)
    mkdirSync(path.dirname(target), { recursive: true })
    if (!name.endsWith("/")) writeFileSync(target, method === 0 ? body : inflateRawSync(body))
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
}
