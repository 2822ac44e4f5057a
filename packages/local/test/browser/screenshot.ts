import { mkdir, mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { start } from "../system.ts"
import * as Chromium from "./chromium.ts"

/** Makes the pictures of the README from a real run of the demo task. */

const folder = fileURLToPath(new URL("../../../../docs/images", import.meta.url))
const program = Chromium.find()
if (!program) throw new Error(Chromium.missing)

const { build }: { build(): void } = await import(String(new URL("../../../../scripts/build.mjs", import.meta.url)))
build()
await mkdir(folder, { recursive: true })
const home = await mkdtemp(path.join(os.tmpdir(), "swe-s-"))
const system = await start({ home })
const browser = await Chromium.launch(program)

const session = await run()
await picture("session-light", { width: 1400, height: 900 }, async (page) => {
  await page.locator(".call[data-tool=edit]").first().scrollIntoViewIfNeeded()
})
await picture("session-changes-dark", { theme: "dark", width: 1400, height: 900 }, async (page) => {
  await page.locator(".session-header .choice button").nth(1).click()
  await page.locator(".diff .patch").first().waitFor()
  await page.locator(".request-card").scrollIntoViewIfNeeded()
})
await picture("session-phone-dark", { theme: "dark", width: 390, height: 844 }, async (page) => {
  await page.locator(".request-card").scrollIntoViewIfNeeded()
})

await browser.close()
await system.end("SIGTERM")
await rm(home, { recursive: true, force: true, maxRetries: 10 })
process.stdout.write(`Pictures are in ${path.relative(process.cwd(), folder)}\n`)

/** Plays the demo task to its end and answers where it is. */
async function run() {
  const { page, context } = await browser.visit({ width: 1400, height: 900 })
  await page.goto(`${system.url}/new`)
  await page.getByRole("button", { name: "Run the demo task" }).click()
  await page.waitForURL(/\/session\/ses_/)
  await page.locator(".request-card").waitFor()
  await page.locator(".session-header .status[data-status=idle]").waitFor()
  await context.close()
  return new URL(page.url()).pathname
}

async function picture(name: string, look: Chromium.Look, arrange: (page: Chromium.Visit["page"]) => Promise<void>) {
  const { page, context } = await browser.visit({ ...look, scale: 2 })
  await page.goto(`${system.url}${session}`)
  await page.locator('.shell[data-link="up"]').waitFor()
  await arrange(page)
  // Colours of code come a moment after the code.
  await page.waitForTimeout(700)
  await page.screenshot({ path: path.join(folder, `${name}.png`) })
  await context.close()
}
