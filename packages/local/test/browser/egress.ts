/// <reference lib="dom" />
import assert from "node:assert/strict"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import type { Page } from "playwright-core"
import { check } from "./axe.ts"
import { type Case, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"
import { expected, signIn } from "./sign-in-system.ts"

const long = `${"a-very-long-name-of-a-host.".repeat(8)}example`
const curl = { script: `curl --fail --location https://${long}/${"path/".repeat(40)}`, callID: "call_1" }
const job = { script: "npm start", jobID: "job_1" }

const denied = (more: Partial<Extract<Body, { kind: "denial" }>>): Body => ({
  ...{ id: Identifier.create("event"), kind: "denial", host: "refused.example", port: 443, why: "domain" },
  commands: [curl],
  ...more,
})

const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)

export const cases: Case[] = [
  {
    name: "egress: what a command is refused is shown, allowed by keyboard, and the agent hears of it",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url, model } = Scripted.system()
        await page.goto(`${url}/new`)
        await page.getByLabel("Task").fill("Look outside")
        await page.getByRole("button", { name: "Start session" }).click()
        const call = await model.next()
        call.use("call_1", "bash", { command: "curl -s https://refused.example/" })
        call.end("tool_use")
        const row = page.locator(".denial")
        await row.getByText("refused.example:443").waitFor()
        await row.getByText("curl -s https://refused.example/").waitFor()
        const refused = await model.next()
        assert.match(JSON.stringify(refused.request.messages.at(-1)), /The network refused refused\.example:443/)

        const before = await row.boundingBox()
        const button = row.getByRole("button", { name: "Allow in this session" })
        assert.equal(
          await button.evaluate(
            (it) => document.getElementById(it.getAttribute("aria-describedby") ?? "")?.textContent,
          ),
          "refused.example:443",
        )
        await button.press("Enter")
        await row.getByText("Allowed in this session").waitFor()
        assert.equal((await row.boundingBox())?.height, before?.height, "nothing moves")
        assert.equal(await focused(page), "Allowed in this session")
        await page.getByText("Owner allowed refused.example in this session").waitFor()
        await check(page, "a session with a refusal")
        await page.keyboard.press("Tab")
        assert.equal(await focused(page), "Always allow")
        await page.keyboard.press("Enter")
        await row.getByText("Always allowed").waitFor()
        assert.equal(await row.getByRole("button").count(), 0)

        refused.use("call_2", "bash", { command: "true" })
        refused.end("tool_use")
        const last = await model.next()
        assert.match(JSON.stringify(last.request.messages.at(-1)), /The user has allowed refused\.example meanwhile/)
        last.say("Done.")
        last.end()
        await page.locator(".session-header .status[data-status=idle]").waitFor()
        await page.reload()
        await row.getByText("Always allowed").waitFor()
      }),
  },
  {
    name: "egress: what is allowed always is listed in the settings, and removed there",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        await page.goto(`${url}/settings`)
        const section = page.locator("section", { has: page.getByRole("heading", { name: "Network" }) })
        const row = section.getByRole("listitem").filter({ hasText: "refused.example" })
        await row.getByText("Allowed by Owner").waitFor()
        await section.getByText("*.configured.example:8443").waitFor()
        assert.equal(await section.getByText("By configuration").count(), 2)
        await check(page, "settings with hosts")
        await row.getByRole("button", { name: "Remove refused.example" }).press("Enter")
        const dialog = page.getByRole("dialog", { name: "Remove this host?" })
        await dialog.getByRole("button", { name: "Remove" }).click()
        await row.waitFor({ state: "detached" })
      }),
  },
  ...(["light", "dark"] as const).map((theme): Case => ({
    name: `egress: refusals of every kind fit a phone, in Japanese (${theme})`,
    run: (world) =>
      visiting(world, { theme, width: 390, height: 844 }, async ({ page, context }) => {
        const { url } = Scripted.system()
        const id = await Scripted.quiet("Refusals", [
          denied({ host: long.slice(0, 200), port: 8443, commands: [curl, job] }),
          denied({ host: "169.254.169.254", port: 80, why: "address", commands: [job] }),
          denied({ host: "2001:db8:1::10", port: 53, why: "direct", commands: [] }),
        ])
        await context.addCookies([{ name: "locale", value: "ja", url }])
        await page.goto(`${url}/session/${id}`)
        const rows = page.locator(".denial")
        await rows.nth(2).getByText("[2001:db8:1::10]:53").waitFor()
        await rows.nth(0).getByRole("button", { name: "このセッションで許可" }).waitFor()
        await rows.nth(0).getByText("バックグラウンドジョブ job_1").waitFor()
        for (const index of [1, 2]) assert.equal(await rows.nth(index).getByRole("button").count(), 0)
        assert.ok(await fits(page), "the page is not wider than the window")
        await check(page, `refusals (${theme})`)
      }),
  })),
  {
    name: "egress: a member sees what is allowed, and takes nothing back",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page }) => {
          await signIn(page, "bob", "/settings")
          await page.getByText("configured.example").waitFor()
          assert.equal(await page.getByRole("button", { name: /^Remove/ }).count(), 0)
        },
        expected,
      ),
  },
]
