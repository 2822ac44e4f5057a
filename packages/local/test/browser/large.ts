/// <reference lib="dom" />
import assert from "node:assert/strict"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import { type Case, eventually, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

const count = 10_000

export const cases: Case[] = [
  {
    name: "a session of 10,000 events opens and scrolls to its beginning",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        const id = await Scripted.quiet("A long session", long())
        const start = Date.now()
        await page.goto(`${url}/session/${id}`)
        await page.getByText("Answer 2499.").waitFor()
        process.stdout.write(`  opened after ${Date.now() - start} ms\n`)
        const log = page.locator(".log")
        assert.ok(await log.evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight < 50))

        // Up by the wheel: what is looked at stays in place when the page before it comes in.
        await log.hover()
        const first = await page.locator(".row").first().getAttribute("id")
        await eventually(async () => {
          await page.mouse.wheel(0, -4_000)
          assert.notEqual(await page.locator(".row").first().getAttribute("id"), first)
        })

        const scroll = Date.now()
        await eventually(async () => {
          await page.mouse.wheel(0, -1_000_000)
          assert.equal(await page.locator(".beginning").textContent(), "The log begins here")
        }, 240_000)
        process.stdout.write(`  all of it read and shown after ${Date.now() - scroll} ms\n`)
        const ids = await page.locator(".row").evaluateAll((rows) => rows.map((row) => row.id))
        assert.equal(new Set(ids).size, ids.length)
        assert.equal(await page.locator(".row[data-kind=output]").count(), count / 4 + 1)

        // The page still answers at once.
        const frame = await page.evaluate(async () => {
          const began = performance.now()
          document.querySelector(".log")?.scrollTo(0, 50_000)
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
          return performance.now() - began
        })
        process.stdout.write(`  a jump in all of it took ${Math.round(frame)} ms\n`)
        await page.getByRole("button", { name: "Jump to latest" }).click()
        await page.getByText("Answer 2499.").waitFor()
      }),
  },
]

function long(): Body[] {
  const id = () => Identifier.create("event")
  return Array.from({ length: count / 4 }, (_, index): Body[] => {
    const turnID = Identifier.create("turn")
    const tokens = { input: 10, output: 10, cacheRead: 0, cacheWrite: 0 }
    const call = { type: "call" as const, id: `call_${index}`, name: "bash", input: { command: `echo ${index}` } }
    const content = [{ type: "text" as const, text: `Answer ${index}.` }, call]
    const out = [{ type: "text" as const, text: `line ${index}` }]
    return [
      { id: id(), kind: "turn", turn: { phase: "started", turnID, read: [] } },
      {
        ...{ id: id(), kind: "output", turnID, read: [], content, model: "m", stopReason: "calls", tokens, cost: 0.01 },
        durationMs: 5,
      },
      { id: id(), kind: "result", turnID, callID: call.id, name: "bash", content: out, error: false, durationMs: 5 },
      { id: id(), kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } },
    ]
  }).flat()
}
