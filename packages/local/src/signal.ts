const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** A terminal, npm and our own launcher may all pass on one Ctrl-C. */
const sameMs = 1_000

/**
 * Resolves when somebody wants this process to end: by a signal, or because the launcher that started
 * it is gone. Asking again a while later ends it at once; what it started sees that it is gone.
 */
export function onEnd() {
  return new Promise<void>((resolve) => {
    let first: number | undefined
    function ask() {
      if (first === undefined) {
        first = Date.now()
        return resolve()
      }
      if (Date.now() - first > sameMs) process.exit(130)
    }
    for (const signal of signals) process.on(signal, ask)
    process.once("disconnect", ask)
  })
}
