import assert from "node:assert/strict"
import type { Page } from "playwright-core"
import { type Case, eventually, type World } from "./harness.ts"
import * as Scripted from "./scripted.ts"

/** Words that are easily counted. */
const words = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `w${from + index}x `).join("")

export const cases: Case[] = [
  {
    name: "reloading in mid-stream loses and doubles nothing",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        call.say(words(0, 20))
        await shown(page, "w19x")
        await page.reload()
        await linked(page)
        call.say(words(20, 40))
        await shown(page, "w39x")
        call.end()
        await settled(page)
        await exactly(page, 40)
      }),
  },
  {
    name: "a broker that is killed and restarted in mid-stream loses and doubles nothing",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        call.say(words(0, 10))
        await shown(page, "w9x")
        Scripted.cut()
        await page.locator(".away").waitFor()
        call.say(words(10, 20))
        Scripted.mend()
        await page.locator(".away").waitFor({ state: "detached" })
        call.say(words(20, 30))
        call.end()
        await settled(page)
        await exactly(page, 30)
      }),
  },
  {
    name: "without a broker the log is shown all the same",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        Scripted.cut()
        await page.locator(".away").waitFor()
        call.say(words(0, 10))
        call.end()
        await settled(page)
        await exactly(page, 10)
        Scripted.mend()
        await page.locator(".away").waitFor({ state: "detached" })
      }),
  },
  {
    name: "a second tab sees the same",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        const second = await page.context().newPage()
        call.say(words(0, 10))
        await shown(page, "w9x")
        await second.goto(page.url())
        await linked(second)
        call.say(words(10, 20))
        await Promise.all([shown(page, "w19x"), shown(second, "w19x")])
        call.end()
        await Promise.all([settled(page), settled(second)])
        await exactly(second, 20)
        await eventually(async () => assert.equal(await textOf(second), await textOf(page)))
      }),
  },
  {
    name: "stop keeps what was said and takes nothing more",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        call.say(words(0, 10))
        await shown(page, "w9x")
        const start = Date.now()
        await page.getByRole("button", { name: "Stop" }).click()
        await settled(page)
        const took = Date.now() - start
        await exactly(page, 10)
        await page.getByText("Cut off by a stop").waitFor()
        process.stdout.write(`  stopped and shown after ${took} ms\n`)
      }),
  },
  {
    name: "a message steers, another one queues, and both are read",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        const { model } = Scripted.system()
        call.say(words(0, 5))
        await shown(page, "w4x")
        const box = page.getByRole("textbox", { name: "Message to the agent" })
        await box.fill("Read this later")
        await page.getByRole("button", { name: "Queue", exact: true }).click()
        await box.press("Enter")
        await page.locator(".message .fate", { hasText: "queued" }).waitFor()
        await page.getByRole("button", { name: "Steer now" }).click()
        await box.fill("Read this now")
        await box.press("Enter")
        const steered = await model.next()
        assert.match(JSON.stringify(steered.request.messages.at(-1)), /Read this now/)
        assert.doesNotMatch(JSON.stringify(steered.request.messages), /Read this later/)
        steered.say("Steered.")
        steered.end()
        const queued = await model.next()
        assert.match(JSON.stringify(queued.request.messages.at(-1)), /Read this later/)
        queued.say("Queued.")
        queued.end()
        await settled(page)
        assert.equal(await page.locator(".message .fate").count(), 0)
        assert.equal(await box.inputValue(), "")
      }),
  },
  {
    name: "a command's output is shown while it runs",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        call.use("call_1", "bash", { command: "echo first; read -t 1 x < <(sleep 1); echo second" })
        call.end("tool_use")
        const tool = page.locator(".call[data-tool=bash]")
        await tool.locator(".output", { hasText: "first" }).waitFor()
        const last = await Scripted.system().model.next()
        last.say("Done.")
        last.end()
        await settled(page)
        assert.match(await tool.locator(".output").innerText(), /first\s+second/)
      }),
  },
  {
    name: "reading above, the log stays where it is and says what is new",
    run: (world) =>
      streaming(world, async ({ page, call }) => {
        call.say(Array.from({ length: 80 }, (_, index) => `Paragraph ${index}.\n\n`).join(""))
        await shown(page, "Paragraph 79.")
        await page.locator(".log").hover()
        await page.mouse.wheel(0, -600)
        await page.getByRole("button", { name: "Jump to latest" }).waitFor()
        const top = await page.locator(".log").evaluate((element) => element.scrollTop)
        call.say("The end of it.")
        call.end()
        await settled(page)
        await page.getByText("The end of it.").waitFor({ state: "attached" })
        assert.equal(await page.locator(".log").evaluate((element) => element.scrollTop), top)
        await page.locator(".latest").click()
        await page.locator(".latest").waitFor({ state: "detached" })
      }),
  },
]

interface Stream {
  page: Page
  call: Awaited<ReturnType<ReturnType<typeof Scripted.system>["model"]["next"]>>
}

/** A new session whose first answer is in the hands of the test. */
function streaming(world: World, cb: (stream: Stream) => Promise<void>) {
  return world.browser.visit().then(async ({ page, context, problems }) => {
    const { url, model } = Scripted.system()
    await page.goto(`${url}/new`)
    await page.getByLabel("Task").fill("Say something")
    await page.getByRole("button", { name: "Start session" }).click()
    await page.waitForURL(/\/session\/ses_/)
    const call = await model.next()
    await linked(page)
    await cb({ page, call }).finally(async () => {
      Scripted.mend()
      await context.close()
    })
    // While the broker is away the browser itself reports each refused connection.
    assert.deepEqual(
      problems.filter((problem) => !/WebSocket/.test(problem)),
      [],
    )
  })
}

const textOf = (page: Page) => page.locator(".rows ol").evaluate((element) => element.textContent)

const linked = (page: Page) => page.locator('.shell[data-link="up"]').waitFor()

const shown = (page: Page, text: string) => page.locator(".rows", { hasText: text }).waitFor()

const settled = (page: Page) => page.locator(".session-header .status[data-status=idle]").waitFor()

/** Every word stands there once, and every event has one row. */
async function exactly(page: Page, count: number) {
  await eventually(async () => {
    const text = (await textOf(page)) ?? ""
    const wanted = Array.from({ length: count }, (_, index) => `w${index}x`)
    assert.deepEqual(text.match(/w\d+x/g), wanted)
  })
  const ids = await page.locator(".row").evaluateAll((rows) => rows.map((row) => row.id))
  assert.equal(new Set(ids).size, ids.length)
}
