import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { graceMs, type Mark } from "../protocol.ts"

/**
 * Finding and killing what commands left behind. A process group is not enough: `setsid`, a double
 * fork or `nohup` leave it, and `env -i` removes a mark in the environment. What fork, exec and
 * setsid all keep, and nobody changes by accident, is a resource limit: the host is started with a
 * limit on POSIX message queues that no other process has, and whatever has it is ours. Where that
 * is not to be had (macOS, a shell without `ulimit -q`), groups, descent and environment must do.
 */
interface Process {
  /** As `kill` understands it in this process's pid namespace. */
  pid: number
  parent: number
  group: number
  session: number
  environment(): string
  queue(): string
}

export const variable = { sandbox: "REMOTE_SWE_SANDBOX", command: "REMOTE_SWE_COMMAND" } as const

/** The processes of one command: its session and group, what carries its name, and their descendants. */
export function family(leader: number, name: string): number[] {
  const needle = `${variable.command}=${name}\0`
  return closure(
    list(),
    (item) => item.session === leader || item.group === leader || `${item.environment()}\0`.includes(needle),
  )
}

/** Every process of this sandbox but the caller's own. */
export function everything(mark: Mark): number[] {
  const needle = `${variable.sandbox}=${mark.name}\0`
  const queue = `${mark.queue} ${mark.queue}`
  return closure(
    list(),
    (item) => item.parent === process.pid || `${item.environment()}\0`.includes(needle) || item.queue() === queue,
  )
}

/** Asks politely, then kills, until nothing is left. */
export async function end(find: () => number[], grace = graceMs) {
  signal(find(), "SIGTERM")
  const deadline = performance.now() + grace
  while (performance.now() < deadline && find().length > 0) await sleep(20)
  // Each round may find children that were made while the last one ran.
  for (let round = 0; round < 50; round++) {
    const left = find()
    if (left.length === 0) return
    signal(left, "SIGKILL")
    await sleep(5)
  }
}

function signal(pids: readonly number[], name: "SIGTERM" | "SIGKILL") {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      // It ended by itself, or a command made it another user's: neither is ours to kill any more.
      if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error
    }
  }
}

function closure(all: readonly Process[], matches: (item: Process) => boolean) {
  const mine = new Set([process.pid])
  const found = new Set(all.filter((item) => !mine.has(item.pid) && matches(item)).map((item) => item.pid))
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const item of all) if (found.has(item.parent) && !mine.has(item.pid)) found.add(item.pid)
  }
  return [...found]
}

function list(): Process[] {
  return process.platform === "linux" ? listProc() : listPs()
}

/**
 * Reads /proc. It may be mounted for an outer pid namespace (a sandbox inside the sandbox), so the
 * numbers that `kill` takes are the last of the NS lines.
 */
function listProc(): Process[] {
  const items = readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const status = text(`/proc/${entry}/status`)
    const state = /^State:\s+(\S)/m.exec(status)?.[1]
    const pids = numbers(status, "NSpid")
    if (pids.length === 0 || state === "Z" || state === "X") return []
    return [
      {
        outer: Number(entry),
        depth: pids.length,
        pid: pids.at(-1) ?? 0,
        outerParent: numbers(status, "PPid")[0] ?? 0,
        group: numbers(status, "NSpgid").at(-1) ?? 0,
        session: numbers(status, "NSsid").at(-1) ?? 0,
      },
    ]
  })
  const depth = numbers(text("/proc/self/status"), "NSpid").length
  const inner = new Map(items.map((item) => [item.outer, item.pid]))
  return items
    .filter((item) => item.depth === depth && item.pid !== 1)
    .map((item) => ({
      pid: item.pid,
      parent: inner.get(item.outerParent) ?? 0,
      group: item.group,
      session: item.session,
      environment: () => text(`/proc/${item.outer}/environ`),
      queue: () => queueLimit(text(`/proc/${item.outer}/limits`)),
    }))
}

function queueLimit(limits: string) {
  const [, soft, hard] = /^Max msgqueue size\s+(\S+)\s+(\S+)/m.exec(limits) ?? []
  return `${soft} ${hard}`
}

function numbers(status: string, name: string) {
  const line = new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1]
  return line ? line.trim().split(/\s+/).map(Number) : []
}

/** A process may end between the listing and the look: then there is nothing to read. */
function text(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

function listPs(): Process[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="], { encoding: "utf8" }).trim().split("\n")
  return lines.flatMap((line) => {
    const [pid = 0, parent = 0, group = 0] = line.trim().split(/\s+/).map(Number)
    if (line.trim().split(/\s+/)[3]?.startsWith("Z")) return []
    return [{ pid, parent, group, session: 0, environment: () => "", queue: () => "" }]
  })
}
