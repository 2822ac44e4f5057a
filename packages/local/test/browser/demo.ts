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
        assert.ok((await shifts(page)) < 0.02, `the page is still while it streams (${await shifts(page)})`)
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

/** Adds up how far things jump by themselves. */
async function watchShifts(page: Page) {
  await page.evaluate(() => {
    const world = globalThis as { shifted?: number }
    world.shifted = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) world.shifted = (world.shifted ?? 0) + entry.value
    }).observe({ type: "layout-shift", buffered: false })
  })
}

const shifts = (page: Page) => page.evaluate(() => (globalThis as { shifted?: number }).shifted ?? 0)
