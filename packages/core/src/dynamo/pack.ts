import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib"

/** JSON as the table keeps it where it is long: compressed, as the table charges by the kilobyte. */
export function pack(json: string): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 6,
    [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(json),
  }
  return brotliCompressSync(json, { params })
}

/** Text is from a version that did not compress. */
export const unpack = (packed: Uint8Array | string) =>
  typeof packed === "string" ? packed : brotliDecompressSync(packed).toString("utf8")
