import type { Delta as Shown } from "@remote-swe/core/protocol/schema"
import type { Delta } from "./model/model.ts"

/** What begins to be said is shown at once, or as good as; what goes on, some times a second: each message is paid for. */
const waitMs = { first: 30, next: 150 }
/** The broker takes 128 KB at most, and text may take up to six bytes a character as JSON. */
const pieceLimit = 16_000
/** More than this is waiting only when nobody could read it anyway. */
const queueLimit = 200

export type Preview = ReturnType<typeof create>

/** Shows what is being done while it is done, in few and small messages. */
export function create(show: (delta: Shown) => void, head: () => number) {
  let queue: Shown[] = []
  let timer: NodeJS.Timeout | undefined
  let shownAt = -Infinity
  let turnID = ""
  let after = 0
  let offsets = new Map<number, number>()

  function flush() {
    clearTimeout(timer)
    timer = undefined
    const waiting = queue
    queue = []
    if (waiting.length > 0) shownAt = performance.now()
    for (const delta of waiting) show(delta)
  }

  function push(delta: Shown) {
    const last = queue.at(-1)
    const joined = last && join(last, delta)
    if (joined) queue[queue.length - 1] = joined
    else if (queue.push(delta) > queueLimit) queue.shift()
    timer ??= setTimeout(flush, Math.max(waitMs.first, shownAt + waitMs.next - performance.now())).unref()
  }

  function place(index: number, text: string) {
    const offset = offsets.get(index) ?? 0
    offsets.set(index, offset + text.length)
    return { turnID, index, text, after, offset }
  }

  return {
    flush,
    begin(id: string) {
      turnID = id
    },
    /** An answer begins: what comes now belongs behind the events that are there. */
    answer() {
      after = head()
      offsets = new Map()
    },
    delta(delta: Delta) {
      if (delta.type === "call") return push({ ...delta, turnID, after })
      for (let at = 0; at < delta.text.length; at += pieceLimit) {
        const text = delta.text.slice(at, at + pieceLimit)
        push({ type: delta.type, ...place(delta.index, text) })
      }
    },
    progress(callID: string, text: string) {
      for (let at = 0; at < text.length; at += pieceLimit)
        push({ type: "progress", turnID, callID, text: text.slice(at, at + pieceLimit) })
    },
    reset() {
      offsets = new Map()
      push({ type: "reset", turnID })
    },
    retry: (reason: string, untilMs: number) => push({ type: "retry", turnID, reason, untilMs }),
  }
}

/** Both as one, where `next` only goes on with what `last` says and they fit into one message. */
function join(last: Shown, next: Shown): Shown | undefined {
  if (!("text" in last) || !("text" in next)) return
  if (last.text.length + next.text.length > pieceLimit) return
  const text = last.text + next.text
  if (last.type === "progress" || next.type === "progress") {
    if (last.type !== "progress" || next.type !== "progress" || last.callID !== next.callID) return
    return { ...last, text }
  }
  return last.type === next.type && last.index === next.index ? { ...last, text } : undefined
}
