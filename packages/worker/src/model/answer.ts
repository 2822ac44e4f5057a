import type { Block, StopReason } from "@remote-swe/core/log/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"
import type { Delta, Reply } from "./model.ts"

/** A block in the making. Pieces are joined once, so that a long answer costs no more than its length. */
type Draft =
  | { type: "text"; pieces: string[]; done: boolean }
  | { type: "reasoning"; pieces: string[]; signature: string; done: boolean }
  | { type: "redacted"; data: string; done: boolean }
  | { type: "call"; id: string; name: string; given: unknown; pieces: string[]; done: boolean }

export type Answer = ReturnType<typeof collect>

/** Puts an answer together, whichever provider streams it. */
export function collect(onDelta: (delta: Delta) => void) {
  const drafts = new Map<number, Draft>()
  const tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  let stopReason: StopReason | undefined

  /** A block begins. `given`: a call's input where it doesn't come in pieces. */
  const begin = {
    text: (index: number) => void drafts.set(index, { type: "text", pieces: [], done: false }),
    reasoning: (index: number, signature = "") =>
      void drafts.set(index, { type: "reasoning", pieces: [], signature, done: false }),
    redacted: (index: number, data: string) => void drafts.set(index, { type: "redacted", data, done: false }),
    call(index: number, id: string, name: string, given?: unknown) {
      drafts.set(index, { type: "call", id, name, given, pieces: [], done: false })
      onDelta({ type: "call", index, callID: id, name })
    },
  }

  /** More of a block; what doesn't go with its kind is dropped. */
  function extend(index: number, type: "text" | "reasoning" | "input", text: string) {
    const draft = drafts.get(index)
    if (!draft || draft.type === "redacted" || (draft.type === "call" ? "input" : draft.type) !== type || !text) return
    draft.pieces.push(text)
    onDelta({ type, index, text })
  }

  function sign(index: number, signature: string) {
    const draft = drafts.get(index)
    if (draft?.type === "reasoning") draft.signature += signature
  }

  function finish(index: number) {
    const draft = drafts.get(index)
    if (draft) draft.done = true
  }

  /** What is known of the charge so far; what is absent stays as it was. */
  function count(charged: { [Kind in keyof Tokens]?: number | null | undefined }) {
    for (const kind of ["input", "output", "cacheRead", "cacheWrite"] as const)
      tokens[kind] = charged[kind] ?? tokens[kind]
  }

  /** The whole answer, or what there is of it when it was cut off. */
  function reply(cut: boolean): Reply {
    const ordered = [...drafts].sort(([a], [b]) => a - b).map(([, draft]) => draft)
    return { content: ordered.flatMap((draft) => block(draft, cut)), tokens, stopReason: cut ? "aborted" : reason() }
  }

  function reason(): StopReason {
    const calls = [...drafts.values()].some((draft) => draft.type === "call")
    return stopReason === "end" && calls ? "calls" : (stopReason ?? "other")
  }

  return {
    ...{ begin, extend, sign, finish, count, reply },
    has: (index: number) => drafts.has(index),
    stop: (reason: StopReason) => void (stopReason = reason),
    ended: () => stopReason !== undefined,
    /** Characters that were streamed. */
    length: () => [...drafts.values()].reduce((sum, draft) => sum + lengthOf(draft), 0),
  }
}

const lengthOf = (draft: Draft) =>
  draft.type === "redacted" ? draft.data.length : draft.pieces.reduce((sum, piece) => sum + piece.length, 0)

function block(draft: Draft, cut: boolean): Block[] {
  switch (draft.type) {
    case "text": {
      const text = draft.pieces.join("")
      return text.trim() ? [{ type: "text", text }] : []
    }
    case "reasoning":
      // Without its signature the provider would refuse it.
      if (!draft.signature) return []
      return [{ type: "reasoning", text: draft.pieces.join(""), signature: draft.signature }]
    case "redacted":
      return [{ type: "redacted", data: draft.data }]
    case "call":
      if (cut && !draft.done) return []
      return [{ type: "call", id: draft.id, name: draft.name, ...parse(draft.pieces.join(""), draft.given) }]
  }
}

function parse(text: string, given: unknown): { input: Record<string, unknown>; malformed?: string } {
  if (text.trim() === "") return { input: isObject(given) ? given : {} }
  const value = json(text)
  return isObject(value) ? { input: value } : { input: {}, malformed: text }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
