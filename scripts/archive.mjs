import { buffer } from "node:stream/consumers"
import tar from "tar-stream"

/**
 * Files, each { name, bytes, mode }, as the bytes of an archive in which nothing says when, where and by whom it was
 * made: the same files give the same bytes everywhere.
 */
export async function archive(files) {
  const pack = tar.pack()
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, bytes, mode = 0o644 } of sorted)
    pack.entry({ name, mode, mtime: new Date(0), uid: 0, gid: 0 }, bytes)
  pack.finalize()
  return buffer(pack)
}
