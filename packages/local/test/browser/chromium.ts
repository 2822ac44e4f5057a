import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

/** Where a Chromium is; undefined where none is installed. */
export function find() {
  const folders = (process.env.PATH ?? "").split(path.delimiter)
  const places = [process.env.CHROMIUM ?? "", ...names.flatMap((name) => folders.map((at) => path.join(at, name)))]
  return places.find((place) => place !== "" && existsSync(place))
}

export const missing = `There is no Chromium to test with. Install one, such as Debian's:
  apt-get install chromium
or name the program of another in the variable CHROMIUM.`

/** Long, because a busy machine is no failure. */
export const waitMs = 60_000

/** No sandbox of its own, because tests run as root in containers; no traffic of its own. */
const args = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
]

export interface Look {
  width?: number
  height?: number
  theme?: "light" | "dark"
  scale?: number
  /** Takes certificates that nobody signed. */
  isTrusting?: boolean
}

export interface Visit {
  page: Page
  context: BrowserContext
  /** What went wrong in the page itself: errors, refused requests, breaches of the security policy. */
  problems: string[]
  /** Origins that the page asked for anything. */
  origins: Set<string>
}

/** One browser for all tests; every visit has a profile of its own. */
export async function launch(executablePath: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-chromium-"))
  const browser = await chromium.launch({ executablePath, headless: true, args, env: { ...env(), TMPDIR: folder } })

  async function visit({
    width = 1280,
    height = 800,
    theme = "light",
    scale = 1,
    isTrusting = false,
  }: Look = {}): Promise<Visit> {
    const viewport = { width, height }
    const context = await browser.newContext({
      viewport,
      colorScheme: theme,
      deviceScaleFactor: scale,
      ignoreHTTPSErrors: isTrusting,
    })
    const seen = { problems: [] as string[], origins: new Set<string>() }
    const page = await watched(context, seen)
    return { page, context, ...seen }
  }

  return {
    visit,
    async close() {
      await browser.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

export type Browser = Awaited<ReturnType<typeof launch>>

async function watched(context: BrowserContext, { problems, origins }: Pick<Visit, "problems" | "origins">) {
  const page = await context.newPage()
  page.setDefaultTimeout(waitMs)
  page.on("pageerror", (error) => problems.push(`error: ${error.stack ?? error.message}`))
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`))
  page.on("request", (request) => /^(?:https?|wss?):/.test(request.url()) && origins.add(new URL(request.url()).origin))
  return page
}

function env() {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
