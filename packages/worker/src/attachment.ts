import type { Ref as File } from "@remote-swe/core/file/schema"
import { Logger } from "@remote-swe/core/logger"
import type { Read } from "@remote-swe/core/log/schema"
import type { Sandbox } from "./sandbox/sandbox.ts"

/** Bytes of files that are kept in memory, because each request sends them again. */
const cacheBytes = 24_000_000

interface Options {
  sandbox: Pick<Sandbox, "root" | "writeFile">
  download(file: File): Promise<Uint8Array>
}

export type Attachments = ReturnType<typeof create>

/** The files that people attach: saved where commands find them, and at hand for the model. */
export function create({ sandbox, download }: Options) {
  const cache = new Map<string, Uint8Array>()
  const saving = new Set<Promise<void>>()

  /** Relative, because it stands in the conversation and must not change with the machine. */
  const path = (file: File) => `attachments/${file.id}/${file.name}`

  /** Undefined where the file is gone: the conversation goes on without it. */
  async function load(file: File) {
    const known = cache.get(file.id)
    if (known) return known
    const bytes = await download(file).catch((error: unknown) => {
      Logger.warn("a file of the session cannot be read", { fileID: file.id, error })
      return undefined
    })
    if (bytes) remember(file.id, bytes)
    return bytes
  }

  function remember(id: string, bytes: Uint8Array) {
    cache.set(id, bytes)
    let size = [...cache.values()].reduce((sum, item) => sum + item.byteLength, 0)
    for (const [oldest, item] of cache) {
      if (size <= cacheBytes) return
      cache.delete(oldest)
      size -= item.byteLength
    }
  }

  async function save(file: File) {
    const bytes = await load(file)
    if (bytes) await sandbox.writeFile(`${sandbox.root}/${path(file)}`, bytes)
  }

  return {
    load,
    path,
    /** Saves the files of a message as it comes in. */
    see(event: Read) {
      if (event.kind !== "message") return
      for (const file of event.files) {
        const work = save(file).catch((error: unknown) => {
          Logger.warn("a file of the session cannot be saved", { fileID: file.id, error })
        })
        saving.add(work)
        void work.finally(() => saving.delete(work))
      }
    },
    /** Resolves when all that came in is saved. */
    settled: async () => void (await Promise.all(saving)),
  }
}
