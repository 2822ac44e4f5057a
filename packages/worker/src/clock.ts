import type { Clock } from "./model/retry.ts"

export const clock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener("abort", done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (signal.aborted) done()
      else signal.addEventListener("abort", done, { once: true })
    }),
}
