import assert from "node:assert/strict"
import { setTimeout as delay } from "node:timers/promises"
import { type Browser, type Look, type Visit, waitMs } from "./chromium.ts"

/** What a case may use. */
export interface World {
  browser: Browser
  /** A system of its own process that plays the demo. */
  demo: { url: string; key: string }
}

export interface Case {
  name: string
  run(world: World): Promise<void>
}

/** Opens a page, hands it over, and finds the case failed if the page reported anything by itself. */
export async function visiting(
  world: World,
  look: Look,
  cb: (visit: Visit) => Promise<void>,
  expected: readonly RegExp[] = [],
) {
  const visit = await world.browser.visit(look)
  try {
    await cb(visit)
    const strange = visit.problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)))
    assert.deepEqual(strange, [], "the page reports problems")
  } catch (error) {
    if (visit.problems.length > 0) process.stderr.write(`${visit.problems.join("\n")}\n`)
    throw error
  } finally {
    await visit.context.close()
  }
}

/** Waits until `check` no longer throws. */
export async function eventually<Result>(check: () => Promise<Result>, ms = waitMs): Promise<Result> {
  const end = Date.now() + ms
  for (;;) {
    const result = await check().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if ("value" in result) return result.value
    if (Date.now() > end) throw result.error
    await delay(50)
  }
}

export async function runAll(cases: readonly Case[], world: World) {
  const failed: string[] = []
  for (const { name, run } of cases) {
    const start = Date.now()
    const problem = await run(world).then(
      () => undefined,
      (error: unknown) => error,
    )
    const seconds = ((Date.now() - start) / 1000).toFixed(1)
    process.stdout.write(`${problem ? "✗" : "✓"} ${name} (${seconds} s)\n`)
    if (!problem) continue
    failed.push(name)
    process.stdout.write(`${problem instanceof Error ? problem.stack : String(problem)}\n`)
  }
  return failed
}
