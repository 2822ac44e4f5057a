import { decode, type Read } from "../log/schema.ts"
import { ApiError, pause, send, type Target } from "./http.ts"

/** The server says something every 15 seconds, if only that it is there. */
const silenceMs = 45_000
/** Between connections that brought nothing. */
const pauseMs = 1_000

interface Options {
  after?: number
  signal?: AbortSignal
}

/** Follows a session's log over server-sent events, and resumes where a connection broke. */
export async function* stream(target: Target, id: string, { after = 0, signal }: Options): AsyncGenerator<Read> {
  let head = after
  for (;;) {
    if (signal?.aborted) return
    const call = { method: "GET", path: `/sessions/${id}/stream`, query: { after: head }, endless: true } as const
    const response = await send(target, { ...call, signal }).catch((error: unknown) => {
      if (signal?.aborted) return
      throw error
    })
    if (!response?.body) return
    const before = head
    for await (const message of messages(response.body, signal)) {
      if (message.event === "deleted") return
      const event = decode(JSON.parse(message.data))
      if (event.seq !== head + 1) throw new ApiError(undefined, "stream.gap", `Event ${event.seq} came after ${head}`)
      head = event.seq
      yield event
    }
    if (head === before) await pause(pauseMs, signal).catch(() => undefined)
  }
}

interface Message {
  event: string
  data: string
}

/** The messages of a stream of server-sent events until it ends, in whatever way. */
export async function* messages(body: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Message> {
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal?.addEventListener("abort", cancel, { once: true })
  const decoder = new TextDecoder()
  let text = ""
  try {
    while (true) {
      // A connection that breaks is resumed by the caller, like one that ends.
      const silent = setTimeout(cancel, silenceMs)
      const chunk = await reader.read().catch(() => undefined)
      clearTimeout(silent)
      if (!chunk || chunk.done) return
      text += decoder.decode(chunk.value, { stream: true })
      const blocks = text.split(/\r?\n\r?\n/)
      text = blocks.pop() ?? ""
      for (const block of blocks) {
        const message = parse(block)
        if (message.data !== "") yield message
      }
    }
  } finally {
    signal?.removeEventListener("abort", cancel)
    cancel()
  }
}

function parse(block: string): Message {
  const fields = block.split(/\r?\n/).map((line) => /^(\w*):? ?(.*)$/s.exec(line))
  const values = (name: string) => fields.flatMap((match) => (match?.[1] === name ? [match[2] ?? ""] : []))
  return { event: values("event").at(-1) ?? "message", data: values("data").join("\n") }
}
