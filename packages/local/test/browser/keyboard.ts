/// <reference lib="dom" />
import assert from "node:assert/strict"
import { type Case, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

export const cases: Case[] = [
  {
    name: "everything is reached by keys, and a sheet says how",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        const id = await Scripted.quiet("Keys", [])
        await page.goto(`${url}/`)
        await page.locator(".sessions > li").first().waitFor()
        await page.keyboard.press("?")
        await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor()
        await page.keyboard.press("Escape")
        await page.getByRole("dialog").waitFor({ state: "detached" })
        await page.keyboard.press("n")
        await page.waitForURL(`${url}/new`)
        await page.getByLabel("Task").waitFor()
        assert.ok(await page.getByLabel("Task").evaluate((element) => element === document.activeElement))
        await page.keyboard.type("n?gk")
        assert.equal(await page.getByLabel("Task").inputValue(), "n?gk", "keys are text where one types")
        await page.keyboard.press("Control+k")
        await page.getByRole("combobox", { name: "Go anywhere" }).fill("keys")
        await page.getByRole("option", { name: "Keys" }).waitFor()
        await page.keyboard.press("Enter")
        await page.waitForURL(`${url}/session/${id}`)
        await page.locator(".composer").waitFor()
        await page.keyboard.press("c")
        const box = page.getByRole("textbox", { name: "Message to the agent" })
        assert.ok(await box.evaluate((element) => element === document.activeElement))
        await page.keyboard.press("Tab")
        const outline = await page.evaluate(
          () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
        )
        assert.equal(outline, "solid", "what has the focus shows it")
        await page.locator(".log").focus()
        await page.keyboard.press("v")
        await page.locator('.session[data-view="changes"]').waitFor()
        await page.keyboard.press("g")
        await page.waitForURL(`${url}/`)
        await page.keyboard.press("/")
        assert.ok(await page.getByLabel("Search sessions").evaluate((element) => element === document.activeElement))
      }),
  },
  {
    name: "the theme is kept, and comes with the page",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        await page.goto(`${url}/settings`)
        await page.getByRole("button", { name: "Dark" }).click()
        const answer = await page.reload()
        assert.match((await answer?.text()) ?? "", /<html[^>]*data-theme="dark"/)
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark")
      }),
  },
]
