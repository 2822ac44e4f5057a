import type { Delta as Shown } from "@remote-swe/core/protocol/schema"
import fc from "fast-check"
import { afterEach, expect, test, vi } from "vitest"
import type { Delta } from "../../src/model/model.ts"
import * as Preview from "../../src/preview.ts"

const piece = fc.oneof(
  fc.record({ type: fc.constant("text" as const), index: fc.nat({ max: 2 }), text: fc.string({ minLength: 1 }) }),
  fc.record({ type: fc.constant("input" as const), index: fc.constant(3), text: fc.string({ minLength: 1 }) }),
)

afterEach(() => void vi.useRealTimers())

test("the first words show at once, and those of a steady stream some times a second", () => {
  vi.useFakeTimers()
  const shown: number[] = []
  const start = performance.now()
  const preview = Preview.create(
    () => shown.push(performance.now() - start),
    () => 0,
  )
  preview.begin("turn")
  preview.answer()
  for (let piece = 0; piece < 50; piece++) {
    preview.delta({ type: "text", index: 0, text: "word " })
    vi.advanceTimersByTime(20)
  }
  expect(shown[0]).toBeLessThanOrEqual(50)
  expect(shown.length).toBeLessThanOrEqual(8)

  vi.advanceTimersByTime(1_000)
  const again = performance.now() - start
  preview.delta({ type: "text", index: 0, text: "after a pause " })
  vi.advanceTimersByTime(30)
  expect(shown.at(-1)).toBe(again + 30)
})

test("pieces are joined, and their offsets say where each belongs", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces: Delta[]) => {
      const shown: Shown[] = []
      const preview = Preview.create(
        (delta) => shown.push(delta),
        () => 7,
      )
      preview.begin("turn")
      preview.answer()
      for (const delta of pieces) preview.delta(delta)
      preview.flush()
      const texts = new Map<number, string>()
      for (const delta of shown) {
        if (delta.type !== "text" && delta.type !== "input") throw new Error(`An unexpected ${delta.type}`)
        const before = texts.get(delta.index) ?? ""
        expect(delta).toMatchObject({ turnID: "turn", after: 7, offset: before.length })
        texts.set(delta.index, before + delta.text)
      }
      for (const [index, text] of texts) {
        const said = pieces.flatMap((delta) => (delta.index === index && "text" in delta ? [delta.text] : []))
        expect(text).toBe(said.join(""))
      }
      expect(shown.length).toBeLessThanOrEqual(pieces.length)
    }),
  )
})

test("a torrent is bounded, and no message is too large for the broker", () => {
  const shown: Shown[] = []
  const preview = Preview.create(
    (delta) => shown.push(delta),
    () => 0,
  )
  preview.begin("turn")
  preview.answer()
  preview.delta({ type: "text", index: 0, text: "\u0001".repeat(10_000_000) })
  preview.flush()
  expect(shown.length).toBeLessThanOrEqual(200)
  for (const delta of shown) expect(JSON.stringify(delta).length).toBeLessThan(128 * 1024)
})
