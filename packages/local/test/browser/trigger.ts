/// <reference lib="dom" />
import assert from "node:assert/strict"
import { type Case, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

export const cases: Case[] = [
  {
    name: "a trigger is made by keyboard, runs, is paused, changed and deleted",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url, model } = Scripted.system()
        await page.goto(`${url}/triggers`)
        await page.getByText("No triggers yet").waitFor()
        await page.getByRole("link", { name: "New trigger" }).press("Enter")
        await page.waitForURL(`${url}/triggers/new`)
        await page.getByRole("button", { name: "Create trigger" }).click()
        await page.getByText("Give it a name.").waitFor()
        assert.ok(await page.getByLabel("Name").evaluate((element) => element === document.activeElement))
        await page.keyboard.type("Nightly")
        await page.getByLabel("Task").fill("Look for news")
        const cron = page.getByLabel("Minute, hour, day, month, weekday")
        await cron.fill("0 9 1 * mon")
        await page.getByRole("button", { name: "Create trigger" }).press("Enter")
        await page.getByText("not both: leave one of them").waitFor()
        await cron.fill("0 3 * * *")
        assert.equal(await page.getByText("The next times").locator("xpath=..").getByRole("listitem").count(), 3)
        await page.keyboard.press("Enter")
        await page.waitForURL(`${url}/triggers`)
        const row = page.locator(".triggers > li", { hasText: "Nightly" })
        await row.getByText("0 3 * * *").waitFor()
        await row.getByText("Never run").waitFor()

        const act = async (name: string) => {
          await page.getByRole("button", { name: "Actions for Nightly" }).click()
          await page.getByRole("menuitem", { name }).click()
        }
        await act("Run now")
        await page.waitForURL(/\/session\/ses_/)
        const call = await model.next()
        assert.match(JSON.stringify(call.request.messages), /Look for news/)
        call.say("No news.")
        call.end()
        await page.locator(".session-header .status[data-status=idle]").waitFor()
        await page.locator(".message", { hasText: "via trigger" }).getByText("Nightly").waitFor()
        const session = new URL(page.url()).pathname
        await page.getByRole("link", { name: "Nightly" }).click()
        await page.waitForURL(/\/triggers\/trg_/)
        await page.getByRole("button", { name: "Again and again" }).click()
        await page.getByLabel("Every").fill("6")
        await page.getByLabel("Unit").selectOption("hours")
        await page.getByRole("button", { name: "Save" }).click()
        await page.waitForURL(`${url}/triggers`)
        await row.getByText("Every 6 hours").waitFor()
        assert.equal(await row.locator(".times a").getAttribute("href"), session)

        await act("Pause")
        await row.getByText("Paused").waitFor()
        await act("Start again")
        await row.getByText("Active").waitFor()
        await act("Delete")
        await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click()
        await page.getByText("No triggers yet").waitFor()
      }),
  },
  {
    name: "a trigger that is not there says so, and the pages are Japanese where the reader is",
    run: (world) =>
      visiting(
        world,
        { width: 390, height: 844 },
        async ({ page, context }) => {
          const { url } = Scripted.system()
          const answer = await page.goto(`${url}/triggers/trg_00000000000000000000000000`)
          assert.equal(answer?.status(), 404)
          await page.getByRole("heading", { name: "Not here" }).waitFor()
          await context.addCookies([{ name: "locale", value: "ja", url }])
          await page.goto(`${url}/triggers/new`)
          await page.getByRole("heading", { name: "新規トリガー" }).waitFor()
          await page.getByRole("button", { name: "1 回のみ" }).click()
          await page.getByLabel("日時").fill("2000-01-01T10:00")
          await page.getByLabel("名前").fill("テスト")
          await page.getByLabel("タスク").fill("テスト")
          await page.getByText("該当する日時がありません。").waitFor()
          await page.getByRole("button", { name: "トリガーを作成" }).click()
          await page.getByRole("alert").waitFor()
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
        },
        [/Failed to load resource/, /Problem: There is no trigger/],
      ),
  },
]
