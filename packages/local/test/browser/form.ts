/// <reference lib="dom" />
import assert from "node:assert/strict"
import { Identifier } from "@remote-swe/core/identifier"
import { type Case, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

export const cases: Case[] = [
  {
    name: "the form for a new session says what is wrong and keeps what was typed",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        await page.goto(`${url}/new`)
        const task = page.getByLabel("Task")
        await page.getByRole("button", { name: "Start session" }).click()
        await page.getByText("Say what to do.").waitFor()
        assert.equal(await task.getAttribute("aria-invalid"), "true")
        assert.ok(await task.evaluate((element) => element === document.activeElement))
        await task.fill("Do it")
        await page.getByLabel("Repository").fill("not a repository")
        await page.getByRole("button", { name: "Start session" }).click()
        await page.getByText("Must be owner/name, a URL, or an absolute path").waitFor()
        assert.equal(await task.inputValue(), "Do it")
        assert.match(page.url(), /\/new$/)
      }),
  },
  {
    name: "files are attached by choosing and by pasting, and go with the task",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url, model } = Scripted.system()
        await page.goto(`${url}/new`)
        await page.getByLabel("Task").fill("Look at these")
        const file = { name: "notes <b>.txt", mimeType: "text/plain", buffer: Buffer.from("some notes") }
        await page.locator("input[type=file]").setInputFiles(file)
        await page.locator(".chip[aria-busy=false]", { hasText: "notes <b>.txt" }).waitFor()
        await page.getByLabel("Task").evaluate((element) => {
          const data = new DataTransfer()
          data.items.add(new File(["pasted"], "pasted.txt", { type: "text/plain" }))
          element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
        })
        await page.locator(".chip[aria-busy=false]", { hasText: "pasted.txt" }).waitFor()
        await page.getByRole("button", { name: "Start session" }).click()
        await page.waitForURL(/\/session\/ses_/)
        const call = await model.next()
        assert.match(JSON.stringify(call.request.messages), /pasted\.txt/)
        call.say("Seen.")
        call.end()
        await page.locator(".message .chip", { hasText: "notes <b>.txt" }).waitFor()
        await page.locator(".session-header .status[data-status=idle]").waitFor()
      }),
  },
  {
    name: "a session is renamed, marked as done, reopened by a message and deleted",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url, model } = Scripted.system()
        await page.goto(`${url}/new`)
        await page.getByLabel("Task").fill("Say hello")
        await page.keyboard.press("Control+Enter")
        await page.waitForURL(/\/session\/ses_/)
        const call = await model.next()
        call.say("Hello.")
        call.end()
        const status = (name: string) => page.locator(`.session-header .status[data-status=${name}]`)
        await status("idle").waitFor()
        await page.getByRole("heading", { level: 1 }).getByRole("button").click()
        await page.getByLabel("Title of the session").fill("A better name")
        await page.keyboard.press("Enter")
        await page.getByRole("heading", { name: "A better name" }).waitFor()
        await page.getByRole("button", { name: "Mark as done" }).click()
        await status("done").waitFor()
        await page.getByRole("textbox", { name: "Message to the agent" }).fill("Again")
        await page.keyboard.press("Enter")
        const again = await model.next()
        again.say("Again.")
        again.end()
        await status("idle").waitFor()
        await page.getByRole("button", { name: "More actions" }).click()
        await page.getByRole("menuitem", { name: "Delete" }).click()
        await page.getByRole("button", { name: "Delete session" }).click()
        await page.waitForURL(`${url}/`)
        assert.equal(await page.getByText("A better name").count(), 0)
      }),
  },
  {
    name: "a question is answered where it stands, and the agent goes on with the answer",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url, model } = Scripted.system()
        const askID = Identifier.create("ask")
        const ask = { askID, type: "question" as const, text: "Which one?", options: ["Red", "Green"] }
        const id = await Scripted.quiet("A question", [{ id: Identifier.create("event"), kind: "ask", ...ask }])
        await page.goto(`${url}/session/${id}`)
        await page.locator(".session-header .status[data-status=waiting]").waitFor()
        await page.getByRole("button", { name: "Green" }).click()
        const call = await model.next()
        assert.match(JSON.stringify(call.request.messages), /Green/)
        call.say("Green it is.")
        call.end()
        await page.getByText("Answered: Green").waitFor()
        await page.locator(".session-header .status[data-status=idle]").waitFor()
        assert.equal(await page.locator(".ask").count(), 0)
      }),
  },
  {
    name: "a session is continued in a new one, and what cannot be done is said",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page }) => {
          const { url } = Scripted.system()
          const id = await Scripted.quiet("The first", [])
          await page.goto(`${url}/session/${id}`)
          await page.getByRole("button", { name: "More actions" }).click()
          await page.getByRole("menuitem", { name: "Continue from here in a new session" }).click()
          await page.getByRole("heading", { name: "The first (fork)" }).waitFor()
          assert.notEqual(page.url(), `${url}/session/${id}`)
          await page.getByText("Hello.").waitFor()
          await page.route("**/_server*", (route) => route.abort())
          await page.getByRole("button", { name: "Mark as done" }).click()
          await page.getByRole("alert").first().waitFor()
          await page.unroute("**/_server*")
          await page.getByRole("button", { name: "Mark as done" }).click()
          await page.locator(".session-header .status[data-status=done]").waitFor()
          assert.equal(await page.locator(".complaint").count(), 0)
        },
        [/Failed to load resource/],
      ),
  },
  {
    name: "an API key is shown once, works, and can be revoked",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        await page.goto(`${url}/settings`)
        await page.getByLabel("Name").fill("from the test")
        await page.getByRole("button", { name: "Make a key" }).click()
        const secret = await page.locator(".made code").innerText()
        const ask = () => fetch(`${url}/api/v1/sessions`, { headers: { "x-api-key": secret } })
        assert.equal((await ask()).status, 200)
        await page.reload()
        await page.getByRole("button", { name: "Revoke from the test" }).waitFor()
        assert.doesNotMatch(await page.content(), new RegExp(secret))
        await page.getByRole("button", { name: "Revoke from the test" }).click()
        await page.getByRole("button", { name: "Revoke", exact: true }).last().click()
        await page.getByRole("button", { name: "Revoke from the test" }).waitFor({ state: "detached" })
        assert.equal((await ask()).status, 401)
      }),
  },
  {
    name: "a page that is not there says so, with the right status",
    run: async (world) => {
      const { url } = Scripted.system()
      const visit = await world.browser.visit()
      const answers = [
        ["/nothing", "Not here"],
        ["/session/ses_00000000000000000000000000", "No such session"],
        ["/session/nonsense", "No such session"],
      ] as const
      for (const [path, words] of answers) {
        const response = await visit.page.goto(`${url}${path}`)
        assert.equal(response?.status(), 404, path)
        await visit.page.getByRole("heading", { name: words }).waitFor()
        assert.doesNotMatch((await response?.text()) ?? "", /\.mjs:\d+|file:\/\//, "no trace is sent")
      }
      await visit.context.close()
    },
  },
]
