import { existsSync } from "node:fs"
import path from "node:path"
import { chromium, type Page } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

function executable() {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter)
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file))
}

/** A page of a headless Chromium with `probe.js` in it; undefined where there is no Chromium. */
export async function open(): Promise<{ page: Page; close(): Promise<void> } | undefined> {
  const executablePath = executable()
  if (!executablePath) return
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] })
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.addInitScript({ path: path.join(import.meta.dirname, "probe.js") })
  return { page, close: () => browser.close() }
}

/** Begins to wait for `text` in an answer; call the result after Enter was pressed. */
export async function expectAnswer(page: Page, text: string) {
  await page.evaluate(`void (globalThis.awaited = bench.answer(${JSON.stringify(text)}))`)
  return async () => Number(await page.evaluate("globalThis.awaited"))
}
