import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

/**
 * The runtime's proxy is reached through a relay that outlives this process when it is killed: its
 * own clean-up runs only when it may end in peace. A shell that waits for our end does it then.
 * Gives a function that calls the guard off.
 */
export function guard(socket: string | undefined): () => void {
  const relay = socket && find(`UNIX-LISTEN:${socket},`)
  if (!relay) return () => undefined
  const script = 'read -r _; kill "$1" 2>/dev/null; rm -f -- "$2"'
  const shell = spawn("/bin/sh", ["-c", script, "sh", String(relay), socket], { stdio: ["pipe", "ignore", "ignore"] })
  shell.unref()
  return () => void shell.kill("SIGKILL")
}

/** The process that has `argument` at the beginning of one of its arguments. */
function find(argument: string) {
  return readdirSync("/proc").find(
    (entry) => /^\d+$/.test(entry) && words(entry).some((word) => word.startsWith(argument)),
  )
}

function words(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")
  } catch {
    // It has ended since it was listed.
    return []
  }
}
