import type { Readable } from "node:stream"

/**
 * Calls `onLine` for each line of a stream. Not node:readline, for which U+2028 ends a line as well:
 * JSON leaves that as it is.
 */
export function lines(stream: Readable, onLine: (line: string) => void) {
  let pieces: Buffer[] = []
  stream.on("data", (bytes: Buffer) => {
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      pieces.push(bytes.subarray(start, end))
      onLine(Buffer.concat(pieces).toString("utf8"))
      pieces = []
      start = end + 1
    }
    if (start < bytes.length) pieces.push(bytes.subarray(start))
  })
}
