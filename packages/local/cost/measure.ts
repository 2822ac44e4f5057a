import { readdir, stat } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { Page } from "playwright-core"
import { open } from "../bench/page.ts"
import { percentile } from "../bench/table.ts"
import { Config } from "../src/config.ts"
import { Demo } from "../src/demo/index.ts"
import { names } from "../src/resource.ts"
import { start } from "../src/system.ts"
import type { Counts } from "./counts.ts"
import { create, type Reading } from "./meter.ts"
import * as Model from "./model.ts"
import { answer, task } from "./scene.ts"

export type Stretch = "work" | "wait" | "leave" | "nothing"

/** What was counted in each stretch of a standard session, one browser watching. */
export interface Measured extends Record<Stretch, Counts> {
  /** From opening the dashboard until the workspace is saved after the last answer. */
  work: Counts
  /** From one run of the sweeper to the next, while the worker waits. */
  wait: Counts
  /** Until the worker has left, part of that waiting. */
  leave: Counts
  /** From one run of the sweeper to the next, with nobody there. */
  nothing: Counts
  /** Bytes that stay in the table and in the bucket. */
  table: number
  bucket: number
  /** The median time of a request to the API and to the dashboard's server: of others, this machine may be the cause. */
  ms: { api: number; pages: number }
}

export class NoBrowser extends Error {}

/** Long enough for everything that follows something to have come. */
const quietMs = 3_000
/** Much longer than anything takes. */
const patienceMs = 20 * 60_000
/** The worker stays until the minute of waiting is over. */
const idleMinutes = "2.5"

/** Runs it in `home`. Once per process. */
export async function measure(home: string): Promise<{ measured: Measured; readings: Record<Stretch, Reading> }> {
  const happened = createHappened()
  const meter = create(happened.hear)
  const say = countLines(meter.logged)
  await using ends = new AsyncDisposableStack()
  const browser = await open()
  if (!browser) throw new NoBrowser("There is no Chromium to watch with. On Debian or Ubuntu: apt-get install chromium")
  ends.defer(browser.close)
  const model = await Model.start(answer)
  ends.defer(model.close)
  const system = await start(configuration(home, model.url))
  ends.defer(system.stop)
  const { repository } = await Demo.prepare(home)

  /** From the end of a run of the sweeper to the end of the next. */
  async function minute() {
    await happened.next("sweep")
    meter.take()
    await happened.next("sweep")
    return meter.take()
  }

  say("the work: some minutes, as the model speaks no faster than a real one")
  meter.take()
  const sessionID = await giveTask(browser.page, system.url, repository)
  await happened.next("ended")
  const work = meter.take()
  say("a minute of waiting")
  const wait = await minute()
  say("the end of the worker")
  await happened.next("left")
  const leave = meter.take()
  await browser.close()
  say("a minute in which nothing happens")
  const nothing = await minute()

  const table = meter.stored(sessionID)
  const bucket = await weigh(path.join(home, "bucket", names.bucket))
  const readings = { work, wait, leave, nothing }
  const median = (kind: "api" | "pages") =>
    percentile(
      Object.values(readings).flatMap(({ ms }) => ms[kind]),
      0.5,
    ) ?? 0
  const ms = { api: median("api"), pages: median("pages") }
  const counts = { work: work.counts, wait: wait.counts, leave: leave.counts, nothing: nothing.counts }
  return { measured: { ...counts, table, bucket, ms }, readings }
}

const configuration = (home: string, modelURL: string) =>
  Config.read({
    PORT: "0",
    REMOTE_SWE_HOME: home,
    REMOTE_SWE_IDLE_MINUTES: idleMinutes,
    LLM_PROVIDER: "anthropic",
    ANTHROPIC_API_KEY: "cost",
    ANTHROPIC_BASE_URL: modelURL,
  })

/** As a person does; the page stays on the session. */
async function giveTask(page: Page, url: string, repository: string) {
  await page.goto(`${url}/`, { waitUntil: "networkidle" })
  await page.goto(`${url}/new`, { waitUntil: "networkidle" })
  await page.fill("#task", task)
  await page.fill("#repository", repository)
  await page.press("#task", "Control+Enter")
  await page.waitForURL("**/session/*")
  return new URL(page.url()).pathname.split("/").at(-1) ?? ""
}

/** The lines of this process are those of the functions, but for what is said with what this answers. */
function countLines(logged: (bytes: number) => void) {
  const write = process.stderr.write.bind(process.stderr)
  process.stderr.write = (text: string | Uint8Array, ...rest: never[]) => {
    logged(Buffer.byteLength(text))
    return write(text, ...rest)
  }
  return (text: string) => void write(`  ${text}\n`)
}

type Event = "sweep" | "ended" | "left"

/** Things that are waited for, as the table hears of them. */
function createHappened() {
  const waiting = new Map<Event, PromiseWithResolvers<void>>()
  const happen = (event: Event) => {
    waiting.get(event)?.resolve()
    waiting.delete(event)
  }
  return {
    hear(operation: string, request: { IndexName?: string; Item?: { kind?: { S?: string }; body?: { S?: string } } }) {
      if (operation === "Query" && request.IndexName === "gsi3") happen("sweep")
      const { kind, body } = (operation === "PutItem" && request.Item) || {}
      if (kind?.S === "left") happen("left")
      // The workspace is saved within the quiet seconds; while the turn goes on it is saved as well.
      if (kind?.S === "turn" && body?.S?.includes(`"phase":"ended"`)) happen("ended")
    },
    /** Resolves some quiet seconds after it. */
    async next(event: Event) {
      const known = waiting.get(event) ?? Promise.withResolvers<void>()
      waiting.set(event, known)
      const late = setTimeout(() => known.reject(new Error(`Waited in vain for: ${event}`)), patienceMs)
      await known.promise.finally(() => clearTimeout(late))
      await delay(quietMs)
    },
  }
}

/** Bytes of the objects in the embedded bucket. */
async function weigh(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith("._S3rver_object"))
  const sizes = await Promise.all(files.map((file) => stat(path.join(file.parentPath, file.name))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}
