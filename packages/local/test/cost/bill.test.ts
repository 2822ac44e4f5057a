import { readFile } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "vitest"
import { idle, rows, session } from "../../cost/bill.ts"
import { zero } from "../../cost/counts.ts"
import type { Measured } from "../../cost/measure.ts"
import * as Page from "../../cost/page.ts"
import { compared, usd } from "../../cost/price.ts"
import * as Scene from "../../cost/scene.ts"
import { root } from "../../src/config.ts"
import result from "../../cost/result.json" with { type: "json" }

const measured: Measured = {
  work: { ...zero, seconds: 600, writes: 300, api: 100, messages: 1_000 },
  wait: { ...zero, seconds: 60, writes: 4, reads: 5, api: 2 },
  leave: { ...zero, seconds: 120, writes: 10 },
  nothing: { ...zero, seconds: 60, reads: 2 },
  table: 1e6,
  bucket: 0,
  ms: { api: 20, pages: 10 },
}

test("an hour is the work, its end, and waiting; what happens anyway is left out", () => {
  const used = session(measured)
  expect(used.writes).toBeCloseTo(300 + 10 + 48 * 4)
  expect(used.reads).toBeCloseTo(48 * 5 - 60 * 2)
  expect(used.api).toBeCloseTo(100 + 48 * 2)
  expect(used.seconds).toBe(3_600)
})

test("the dollars of a row are its amount at the price", () => {
  const found = new Map(rows(measured).map((row) => [row.name, row]))
  const writes = found.get("writes")
  expect(writes?.usd).toBeCloseTo(((writes?.ours ?? 0) * 0.625) / 1e6)
  // Requests of workers at 20 ms with 1 GB, and the exchange of a machine's proof.
  expect(found.get("duration")?.ours).toBeCloseTo((100 + 48 * 2) * 0.02 + 0.3)
  expect(found.get("machine")?.usd).toBe(0.0832)
  expect(found.get("disk")?.usd).toBeCloseTo((50 * 0.08) / 730)
  expect(usd("message", 1_000)).toBeCloseTo(found.get("messages")?.usd ?? 0)
  expect(idle(measured).every((item) => item.usd > 0)).toBe(true)
})

test("the standard session has 45 answers and 60 calls", () => {
  expect(Scene.answers).toBe(45)
  expect(Scene.calls).toBe(60)
  expect(Scene.answer(Scene.answers - 1).calls).toEqual([])
})

test.each([
  ["README.md", "en"],
  ["README_ja.md", "ja"],
] as const)("%s shows what was measured last", async (name, language) => {
  const page = await readFile(path.join(root, name), "utf8")
  expect(Page.fill(page, result, language)).toBe(page)
  expect(page).toContain(compared)
})
