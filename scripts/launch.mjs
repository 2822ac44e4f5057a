import { spawn } from "node:child_process"
import os from "node:os"
import { node } from "./install.mjs"

/** How soon the end of npm is noticed. */
const orphanMs = 500
const signals = ["SIGINT", "SIGTERM", "SIGHUP"]

/**
 * Runs the pinned Node in place of this process: signals are passed on, and its end is our end. The
 * IPC channel tells the child when this process is gone, however that came about.
 */
export function launch(args, env = process.env) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env,
  })
  // A terminal, and npm, may send a signal to us and to the child: the child takes both as one.
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  // npm may be ended without a word to us; whoever calls us without npm may leave us alone.
  const parent = process.ppid
  const orphaned = () => process.ppid !== parent && child.kill("SIGTERM")
  if (process.env.npm_lifecycle_event) setInterval(orphaned, orphanMs).unref()
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0)))
}
