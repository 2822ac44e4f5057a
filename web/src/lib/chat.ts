import type { Ref as File } from "@remote-swe/core/file/schema"
import type { Block, Info as Event, InfoOf, Read, StopReason } from "@remote-swe/core/log/schema"

/** How a session's log is shown: one row per thing that a reader cares about. */

export interface Result {
  seq: number
  text: string
  files: File[]
  error: boolean
  durationMs: number
  view: Record<string, unknown>
  cut: boolean
}

export type CallState = "streaming" | "running" | "done" | "failed" | "interrupted"

export type Piece =
  | { type: "text"; text: string; missing: number }
  | { type: "reasoning"; text: string; missing: number }
  | { type: "redacted" }
  | {
      type: "call"
      callID: string
      name: string
      input: Record<string, unknown>
      /** The input as it streams in, or as it came where it was no JSON. */
      raw: string
      state: CallState
      /** What it printed so far. */
      progress: string
      result?: Result
    }
export type CallPiece = Extract<Piece, { type: "call" }>

export interface Answer {
  type: "output"
  key: string
  seq: number
  at: number
  turnID: string
  pieces: Piece[]
  stopReason?: StopReason
  /** Still being streamed: a preview, not the record. */
  live: boolean
  cut: boolean
}

export type Row =
  | Answer
  | { type: "event"; key: string; seq: number; event: Exclude<Event, { kind: "output" | "result" }> }
  | { type: "unknown"; key: string; seq: number; at: number; kind: string; raw: unknown }

export interface Chat {
  rows: Row[]
  /** Replies by the question that they answer. */
  answers: Record<string, InfoOf<"answer">>
  /** Messages that a stop took back before anybody read them. */
  takenBack: Record<number, true>
  unread: number[]
  retry?: { turnID: string; reason: string; untilMs: number }
}

export const empty = (): Chat => ({ rows: [], answers: {}, takenBack: {}, unread: [] })

/** Folds the next event into `chat`, in place. */
export function add(chat: Chat, event: Read) {
  if (event.kind === "unknown")
    return push(chat, { ...place(event), type: "unknown", at: event.at, kind: kindOf(event.raw), raw: event.raw })
  if (event.kind === "output") return addOutput(chat, event)
  if (event.kind === "result") return addResult(chat, event)
  if (event.kind === "answer") chat.answers[event.askID] = event
  if (event.kind === "message" || event.kind === "answer") chat.unread.push(event.seq)
  if (event.kind === "stop") takeBack(chat)
  if (event.kind === "turn" && event.turn.phase === "started") read(chat, event.turn.read)
  if (event.kind === "joined" || event.kind === "left" || event.kind === "turn") interrupt(chat)
  if (hidden(event)) return
  push(chat, { ...place(event), type: "event", event })
}

/** The answer that is being streamed, if there is one: always the last row. */
export function liveRow(chat: Chat) {
  const last = chat.rows.at(-1)
  return last?.type === "output" && last.live ? last : undefined
}

/** A call that the log has: what is only streamed runs nothing yet. */
export function findCall(chat: Chat, callID: string) {
  for (let index = chat.rows.length - 1; index >= 0; index--) {
    const row = chat.rows[index]
    if (row?.type !== "output" || row.live) continue
    const piece = row.pieces.find((piece) => piece.type === "call" && piece.callID === callID)
    if (piece?.type === "call") return piece
  }
}

/** Before the answer that is being streamed: its place in the log is yet to come. */
function push(chat: Chat, row: Row) {
  const live = liveRow(chat)
  if (live) chat.rows.splice(chat.rows.length - 1, 0, row)
  if (!live) chat.rows.push(row)
}

const place = (event: Read) => ({ key: String(event.seq), seq: event.seq })

function addOutput(chat: Chat, event: InfoOf<"output">) {
  read(chat, event.read)
  delete chat.retry
  abandon(chat)
  const { turnID, stopReason, at, seq } = event
  const pieces = event.content.map((block) => pieceOf(block))
  const live = liveRow(chat)
  const row: Answer = { ...place(event), type: "output", at, turnID, pieces, stopReason, live: false, cut: !!event.cut }
  if (!live) return push(chat, row)
  // The streamed row becomes the recorded one, piece by piece, so that nothing on the page is replaced.
  Object.assign(live, { ...row, pieces: live.pieces, seq })
  live.pieces.length = Math.min(live.pieces.length, pieces.length)
  for (const [index, piece] of pieces.entries()) settle(live.pieces, index, piece)
}

function settle(pieces: Piece[], index: number, final: Piece) {
  const streamed = pieces[index]
  const same = streamed?.type === final.type && (final.type !== "call" || callIDOf(streamed) === final.callID)
  if (!streamed || !same) pieces[index] = final
  if (streamed && same) Object.assign(streamed, final, streamed.type === "call" && { progress: streamed.progress })
}

const callIDOf = (piece: Piece) => (piece.type === "call" ? piece.callID : undefined)

function pieceOf(block: Block): Piece {
  switch (block.type) {
    case "redacted":
      return { type: "redacted" }
    case "call": {
      const { id, name, input, malformed = "" } = block
      return { type: "call", callID: id, name, input, raw: malformed, state: "running", progress: "" }
    }
    default:
      return { type: block.type, text: block.text, missing: 0 }
  }
}

function addResult(chat: Chat, event: InfoOf<"result">) {
  const call = findCall(chat, event.callID)
  // Its call lies before the events that were loaded.
  if (!call) return
  const text = event.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n")
  const files = event.content.flatMap((part) => (part.type === "text" ? [] : [part.file]))
  const { seq, error, durationMs, view = {} } = event
  call.result = { seq, text, files, error, durationMs, view, cut: !!event.cut }
  call.state = error ? "failed" : "done"
}

/** What was being streamed or run has no one left who would finish it. */
function interrupt(chat: Chat) {
  delete chat.retry
  if (liveRow(chat)) chat.rows.pop()
  abandon(chat)
}

/** A call without a result, after which the log goes on, never gets one. */
function abandon(chat: Chat) {
  const row = chat.rows.findLast((row) => row.type === "output" && !row.live)
  if (row?.type !== "output") return
  for (const piece of row.pieces) {
    if (piece.type === "call" && piece.state === "running") piece.state = "interrupted"
  }
}

function read(chat: Chat, seqs: readonly number[]) {
  chat.unread = chat.unread.filter((seq) => !seqs.includes(seq))
}

function takeBack(chat: Chat) {
  for (const seq of chat.unread) chat.takenBack[seq] = true
  chat.unread = []
}

/** What the log keeps and a reader does not want to see as a line of its own. */
function hidden(event: Event) {
  if (event.kind === "answer" || event.kind === "snapshot" || event.kind === "todo") return true
  // The call that gave the title says it already.
  if (event.kind === "title") return event.actor.type === "worker"
  if (event.kind === "turn") return event.turn.phase === "started" || event.turn.outcome === "done"
  return event.kind === "artifact" && (event.artifact.type === "branch" || event.artifact.type === "commit")
}

function kindOf(raw: unknown) {
  return typeof raw === "object" && raw && "kind" in raw ? String(raw.kind) : "?"
}
