import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib"

/** How the table keeps JSON, as it charges by the kilobyte: as it is where it is short, else compressed. */
export type Packed = { body: string } | { packed: Uint8Array }

/** Bytes up to which an item takes one unit to write in any case, and stays legible. */
const shortest = 512

export function pack(json: string): Packed {
  const bytes = Buffer.byteLength(json)
  if (bytes <= shortest) return { body: json }
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 6,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
  }
  return { packed: brotliCompressSync(json, { params }) }
}

export function unpack({ body = "", packed }: { body?: string; packed?: Uint8Array }) {
  return packed ? brotliDecompressSync(packed).toString("utf8") : body
}
