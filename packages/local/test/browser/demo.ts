/// <reference lib="dom" />
import assert from "node:assert/strict"
import type { Page } from "playwright-core"
import { type Case, eventually, visiting } from "./harness.ts"

export const cases: Case[] = [
  {
    name: "the demo task runs to its pull request from one press",
    run: (world) =>
      visiting(world, {}, async ({ page, origins }) => {
        await page.goto(`${world.demo.url}/new`)
        await page.getByText("ANTHROPIC_API_KEY=… npm start").waitFor()
        await watchShifts(page)
        await page.getByRole("button", { name: "Run the demo task" }).click()
        await page.waitForURL(/\/session\/ses_/)
        await page.locator(".call[data-tool=bash] .output").first().waitFor()
        const card = page.locator(".request-card")
        await card.waitFor({ timeout: 120_000 })
        assert.match(await card.innerText(), /Pull request #\d+/)
        await page.locator(".session-header .status[data-status=idle]").waitFor()
        assert.equal(await page.locator(".latest").count(), 0, "the log stays at its end")

        const groups = page.getByRole("group", { name: "Views of the session" })
        await groups.getByRole("button", { name: "Changes" }).click()
        await page.locator(".diff .file summary", { hasText: "src/format.js" }).waitFor()
        assert.ok((await page.locator(".diff tr[data-type=added]").count()) > 0)
        assert.deepEqual([...origins], [world.demo.url], "nothing foreign is asked")
        const seen = await shifts(page)
        const sum = seen.reduce((total, shift) => total + shift.value, 0)
        assert.ok(sum < 0.02, `the page is still while it streams (${sum}): ${JSON.stringify(seen, null, 1)}`)
      }),
  },
  {
    name: "the list shows the session, its pull request and its status without being reloaded",
    run: (world) =>
      visiting(world, {}, async ({ page, context }) => {
        await page.goto(`${world.demo.url}/`)
        await page.getByRole("heading", { name: "Sessions" }).waitFor()
        const before = await page.locator(".sessions > li").count()
        const other = await context.newPage()
        await other.goto(`${world.demo.url}/new`)
        await other.getByRole("button", { name: "Run the demo task" }).click()
        await other.waitForURL(/\/session\/ses_/)
        const id = other.url().split("/").at(-1)
        const row = page.locator(`.sessions a[href="/session/${id}"]`)
        await row.waitFor()
        assert.equal(await page.locator(".sessions > li").count(), before + 1)
        await row.locator(".request").waitFor({ timeout: 120_000 })
        await eventually(async () => assert.equal(await row.locator(".status").getAttribute("data-status"), "idle"))
      }),
  },
]

/** What jumped by itself, and how far, as the browser counts it (https://web.dev/articles/cls). */
type Shift = { value: number; moved: string[] }

async function watchShifts(page: Page) {
  await page.evaluate(() => {
    type Source = { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }
    type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: Source[] }
    const seen: Shift[] = []
    Object.assign(globalThis, { shifts: seen })
    const name = (node: Node | null) => {
      const element = node instanceof Element ? node : node?.parentElement
      return element ? `${element.localName}.${element.className}` : "?"
    }
    const move = (source: Source) => {
      const { previousRect: from, currentRect: to } = source
      return `${name(source.node)}: ${from.y}+${from.height} to ${to.y}+${to.height}`
    }
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Entry[])
        if (!entry.hadRecentInput) seen.push({ value: entry.value, moved: entry.sources.map(move) })
    }).observe({ type: "layout-shift", buffered: false })
  })
}

const shifts = (page: Page) => page.evaluate(() => (globalThis as { shifts?: Shift[] }).shifts ?? [])
