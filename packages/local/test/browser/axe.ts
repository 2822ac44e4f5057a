/// <reference lib="dom" />
import assert from "node:assert/strict"
import { AxeBuilder } from "@axe-core/playwright"
import type { Look } from "./chromium.ts"
import { type Case, visiting, type World } from "./harness.ts"

const looks: [string, Look][] = (["light", "dark"] as const).flatMap((theme) => [
  [`${theme}, desktop`, { theme }],
  [`${theme}, phone`, { theme, width: 390, height: 844 }],
])

/** The newest session of the demo, which has everything that a session can show. */
async function newest({ demo }: World) {
  const answer = await fetch(`${demo.url}/api/v1/sessions?limit=1`, { headers: { "x-api-key": demo.key } })
  const page = (await answer.json()) as { items: { id: string }[] }
  const [session] = page.items
  if (!session) throw new Error("The demo has no session: run the demo case first")
  return session.id
}

/** A trigger that is far from firing. */
async function plan({ demo }: World) {
  const schedule = { type: "rate", every: 300, unit: "days" }
  const action = { type: "session", message: "Look again", repository: "acme/shop" }
  await fetch(`${demo.url}/api/v1/triggers`, {
    method: "POST",
    headers: { "x-api-key": demo.key, "content-type": "application/json", "idempotency-key": "axe" },
    body: JSON.stringify({ name: "A long name of something that happens once a year", schedule, action }),
  })
}

export const cases: Case[] = looks.map(([name, look]) => ({
  name: `axe finds nothing on any page (${name})`,
  run: (world) =>
    visiting(world, look, async ({ page }) => {
      const session = `/session/${await newest(world)}`
      await plan(world)
      for (const path of ["/", "/new", session, "/triggers", "/triggers/new", "/usage", "/settings"]) {
        await page.goto(`${world.demo.url}${path}`)
        await page.getByRole("main").locator("h1, .sessions").first().waitFor()
        if (path === session) await page.locator(".request-card").waitFor({ state: "attached" })
        await check(page, `${path} (${name})`)
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          `${path} is not wider than the window`,
        )
        if (path !== session) continue
        for (const view of ["Changes", "Details"]) {
          const button = page.locator(".session-header .choice button", { hasText: view })
          if (!(await button.isVisible())) continue
          await button.click()
          await page
            .locator(view === "Changes" ? ".diff .patch" : ".details")
            .first()
            .waitFor()
          await check(page, `${path} ${view} (${name})`)
        }
      }
      await page.keyboard.press("?")
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor()
      await check(page, `help (${name})`)
    }),
}))

export async function check(page: ConstructorParameters<typeof AxeBuilder>[0]["page"], where: string) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, impact, nodes }) =>
      `${impact} ${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`).join("\n    ")}`,
  )
  assert.deepEqual(found, [], where)
}
