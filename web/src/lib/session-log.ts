import type { Read } from "@remote-swe/core/log/schema"

interface Options {
  /** The sequence up to which `apply` has been told everything. */
  head: number
  /** Events after `after`, in order and without a gap, as the log has them. */
  read(after: number): Promise<{ items: Read[]; head: number }>
  /** Is given every event beyond `head` exactly once and in order. */
  apply(events: Read[]): void
  failed(error: unknown): void
}

/** Announcements that wait for a gap to be read; more than this and they are read again with it. */
const maxEarly = 500

/**
 * Keeps one client in step with a session's log, whatever the broker loses, doubles or reorders: what
 * is next is applied, what is known is dropped, and anything else makes it read the gap over HTTP.
 */
export function createSessionLog(options: Options) {
  const early = new Map<number, Read>()
  let head = options.head
  let reading: Promise<void> | undefined
  let closed = false

  function take(events: Read[]) {
    const next: Read[] = []
    for (const event of events) {
      if (event.seq === head + next.length + 1) next.push(event)
    }
    for (let event = early.get(head + next.length + 1); event; event = early.get(head + next.length + 1)) {
      next.push(event)
    }
    if (next.length === 0) return
    head += next.length
    for (const seq of early.keys()) if (seq <= head) early.delete(seq)
    options.apply(next)
  }

  async function readOn(): Promise<void> {
    const page = await options.read(head)
    if (closed) return
    const before = head
    take(page.items)
    if (head > before && head < page.head) return readOn()
  }

  /** Reads what is missing, if anything; calls while it reads wait for the same answer. */
  function resync() {
    reading ??= readOn()
      .catch(options.failed)
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  return {
    get head() {
      return head
    },
    /** An event as the broker announced it. */
    receive(event: Read) {
      if (closed || event.seq <= head) return
      if (event.seq > head + 1) {
        if (early.size < maxEarly) early.set(event.seq, event)
        return resync()
      }
      take([event])
    },
    /** Somebody says that the log is this long. */
    nudge(seq: number) {
      if (!closed && seq > head) return resync()
    },
    resync,
    close() {
      closed = true
      early.clear()
    },
  }
}
