import type { Info } from "@remote-swe/core/log/schema"
import type { Delta } from "@remote-swe/core/protocol/schema"
import fc from "fast-check"
import { expect, test } from "vitest"
import { add, type Chat, empty, type Row } from "../../src/lib/chat.ts"
import { preview } from "../../src/lib/delta.ts"
import { delta, events, place } from "../util.ts"

/** What the log says, without what is only streamed. */
function recorded(chat: Chat) {
  const rows = chat.rows.filter((row) => row.type !== "output" || !row.live)
  const { retry: _, ...rest } = chat
  return { ...rest, rows: rows.map(withoutProgress) }
}

function withoutProgress(row: Row): Row {
  if (row.type !== "output") return row
  return { ...row, pieces: row.pieces.map((piece) => (piece.type === "call" ? { ...piece, progress: "" } : piece)) }
}

test("deltas are a preview: lost, doubled or strange, they leave no trace in what is recorded", () => {
  fc.assert(
    fc.property(events(30), fc.array(fc.array(delta, { maxLength: 3 }), { maxLength: 30 }), (all, deltas) => {
      const plain = empty()
      const streamed = empty()
      for (const [index, event] of all.entries()) {
        for (const item of deltas[index] ?? [])
          preview(streamed, item, { seq: event.seq - 1, turnID: item.type === "diff" ? undefined : item.turnID, at: 0 })
        add(plain, event)
        add(streamed, event)
      }
      expect(recorded(streamed)).toEqual(recorded(plain))
    }),
    { numRuns: 1_000 },
  )
})

const turnID = "trn_1"
const head = { seq: 1, turnID, at: 0 }
const text = (text: string, offset?: number, after?: number): Delta => ({
  ...{ type: "text", turnID, index: 0, text },
  ...(offset !== undefined && { offset }),
  ...(after !== undefined && { after }),
})
const streamed = (chat: Chat) => chat.rows.flatMap((row) => (row.type === "output" ? row.pieces : []))
const output = (words: string): Info =>
  place(
    {
      ...{ id: "evt_1", kind: "output", turnID, read: [], content: [{ type: "text", text: words }], model: "m" },
      ...{ stopReason: "end", tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, cost: null, durationMs: 1 },
    },
    4,
  )

test("a repeated piece of text is shown once, and a late start says what is missing", () => {
  const chat = empty()
  for (const item of [text("Hello ", 0), text("Hello ", 0), text("lo world", 3), text("!", 11)])
    preview(chat, item, head)
  expect(streamed(chat)).toEqual([{ type: "text", text: "Hello world!", missing: 0 }])

  const late = empty()
  for (const item of [text("world", 6), text("!", 11)]) preview(late, item, head)
  expect(streamed(late)).toEqual([{ type: "text", text: "world!", missing: 6 }])
})

test("the recorded answer takes the place of the streamed one, in the same row", () => {
  const chat = empty()
  preview(chat, text("Hel", 0, 3), head)
  const [row] = chat.rows
  add(chat, output("Hello"))
  expect(chat.rows).toHaveLength(1)
  expect(chat.rows[0]).toBe(row)
  expect(chat.rows[0]).toMatchObject({ live: false, seq: 5, pieces: [{ type: "text", text: "Hello" }] })
})

test("a delta that comes after its answer was recorded is not shown", () => {
  const chat = empty()
  add(chat, output("Hello"))
  preview(chat, text("lo", 3, 3), head)
  expect(chat.rows).toHaveLength(1)
  preview(chat, text("More", 0, 5), head)
  expect(chat.rows).toHaveLength(2)
})

test("a message that comes in mid-stream stands before the answer in progress", () => {
  const chat = empty()
  preview(chat, text("Hel", 0), head)
  add(
    chat,
    place(
      { id: "evt_2", kind: "message", author: "Ada", source: "web", text: "Wait", files: [], delivery: "steer" },
      2,
    ),
  )
  expect(chat.rows.map((row) => row.type)).toEqual(["event", "output"])
})
