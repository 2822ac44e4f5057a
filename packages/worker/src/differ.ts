import { createHash } from "node:crypto"
import { Logger } from "@remote-swe/core/logger"
import type { Diff } from "@remote-swe/core/protocol/schema"

interface Options {
  diff(): Promise<Diff>
  publish(diff: Diff): Promise<void>
}

/** Publishes what the session has changed, beside the work and never more than once at a time. */
export function create({ diff, publish }: Options) {
  let last = ""
  let running: Promise<void> | undefined
  let again = false

  async function once() {
    const now = await diff()
    const digest = createHash("sha256").update(JSON.stringify(now)).digest("base64")
    if (digest === last) return
    await publish(now)
    last = digest
  }

  async function work() {
    while (again) {
      again = false
      // A view is behind for a while; the work goes on.
      await once().catch((error: unknown) => Logger.warn("the diff could not be published", { error }))
    }
    running = undefined
  }

  return {
    mark() {
      again = true
      running ??= work()
    },
    settled: async () => void (await running),
  }
}
