import type { Delta } from "@remote-swe/core/protocol/schema"
import { type Answer, type Chat, findCall, liveRow, type Piece } from "./chat.ts"

/** Characters of a running command's output that a preview keeps. */
const maxProgress = 20_000

/** Shows `delta` in `chat`, in place: a preview that the next `output` event replaces. */
export function preview(chat: Chat, delta: Delta, head: { seq: number; turnID: string | undefined; at: number }) {
  switch (delta.type) {
    case "diff":
      return
    case "progress": {
      const call = findCall(chat, delta.callID)
      if (call && !call.result) call.progress = (call.progress + delta.text).slice(-maxProgress)
      return
    }
    case "reset":
      if (liveRow(chat)?.turnID === delta.turnID) chat.rows.pop()
      return
    case "retry":
      if (liveRow(chat)?.turnID === delta.turnID) chat.rows.pop()
      chat.retry = { turnID: delta.turnID, reason: delta.reason, untilMs: delta.untilMs }
      return
    default:
      return stream(chat, delta, head)
  }
}

type Streamed = Extract<Delta, { index: number }>

function stream(chat: Chat, delta: Streamed, head: { seq: number; turnID: string | undefined; at: number }) {
  // What belongs to a turn that is over, or to an answer that the log has already, comes too late.
  if (delta.turnID !== head.turnID) return
  if (delta.after !== undefined && delta.after < lastOutput(chat)) return
  delete chat.retry
  const row = liveRow(chat) ?? begin(chat, delta.turnID, head.at)
  while (row.pieces.length < delta.index) row.pieces.push(blank("text"))
  if (delta.type === "call") {
    row.pieces[delta.index] ??= call(delta.callID, delta.name)
    return
  }
  row.pieces[delta.index] ??= delta.type === "input" ? call("", "") : blank(delta.type)
  const piece = row.pieces[delta.index]
  if (delta.type === "input" && piece?.type === "call") piece.raw += news(piece.raw, delta)
  if (delta.type === "text" && piece?.type === "text") extend(piece, delta.text, delta.offset)
  if (delta.type === "reasoning" && piece?.type === "reasoning") extend(piece, delta.text, delta.offset)
}

/** What a piece of an input adds to `raw`; nothing where one before it was lost. */
function news(raw: string, { text, offset = raw.length }: { text: string; offset?: number | undefined }) {
  return offset <= raw.length ? text.slice(raw.length - offset) : ""
}

/** Adds a piece of text where it belongs: a repeated one adds nothing, a lost one leaves a mark. */
function extend(piece: Extract<Piece, { text: string }>, text: string, offset?: number) {
  const expected = piece.missing + piece.text.length
  if (offset === undefined || offset === expected) piece.text += text
  if (offset === undefined || offset === expected) return
  if (offset < expected) piece.text += text.slice(expected - offset)
  if (offset < expected) return
  const gap = piece.text && " … "
  piece.missing += offset - expected - gap.length
  piece.text += gap + text
}

function begin(chat: Chat, turnID: string, at: number) {
  const row: Answer = { type: "output", key: "live", seq: 0, at, turnID, pieces: [], live: true, cut: false }
  chat.rows.push(row)
  // Read back, so that a reactive `chat` gives its own version of the row.
  return liveRow(chat) ?? row
}

const blank = (type: "text" | "reasoning"): Piece => ({ type, text: "", missing: 0 })

const call = (callID: string, name: string): Piece => ({
  type: "call",
  callID,
  name,
  input: {},
  raw: "",
  state: "streaming",
  progress: "",
})

function lastOutput(chat: Chat) {
  const row = chat.rows.findLast((row) => row.type === "output" && !row.live)
  return row?.seq ?? 0
}
