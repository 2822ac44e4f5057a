import { Logger } from "@remote-swe/core/logger"

const periodMs = 60_000
/** A worker beats more often than this: after the machine slept, all of them have by then. */
const settleMs = 45_000

/** EventBridge's part: runs `sweep` every minute, one at a time. */
export function create(sweep: () => Promise<void>) {
  let closed = false
  let due = Date.now() + periodMs
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()

  function run() {
    running = sweep().catch((error: unknown) => Logger.error("the sweep failed", { error }))
    return running
  }

  function plan(delayMs: number) {
    if (closed) return
    due = Date.now() + delayMs
    timer = setTimeout(tick, delayMs)
  }

  async function tick() {
    // The laptop's lid was closed: nobody was silent, there was no time to speak in.
    if (Date.now() - due > settleMs) return plan(settleMs)
    await run()
    plan(periodMs)
  }

  plan(periodMs)
  return {
    /** Sweeps now. */
    run,
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
