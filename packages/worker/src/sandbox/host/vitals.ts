import { readFileSync, statfsSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Settings } from "../protocol.ts"
import type { Vitals } from "../strain.ts"

const root = "/sys/fs/cgroup"

/**
 * How the commands of this host stand, from their control group (of version 2) and the one above it, which all hosts
 * of the session have in common. What this kernel doesn't count is left out.
 */
export function vitals(settings: Settings): Vitals {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(settings.root)
  const disk = { free: bavail * bsize, size: blocks * bsize, ...(files > 0 && { files: ffree }) }
  const group = /^0::(\/.+)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/"
  const own = join(root, group)
  const all = dirname(own)
  return { group, memory: memory(all), processes: processes(own, all), disk }
}

function memory(all: string) {
  const ended = count(all, "memory.events", "oom_kill")
  return ended === undefined ? undefined : { ended, limit: limit(all, "memory.max") }
}

function processes(own: string, all: string) {
  const now = Number(text(own, "pids.current"))
  const refused = { own: count(own, "pids.events", "max"), all: count(all, "pids.events", "max") }
  if (refused.own === undefined || refused.all === undefined) return undefined
  return { refused: { own: refused.own, all: refused.all }, now, limit: limit(own, "pids.max") }
}

function count(folder: string, file: string, name: string) {
  const found = new RegExp(`^${name} (\\d+)$`, "m").exec(text(folder, file) ?? "")?.[1]
  return found === undefined ? undefined : Number(found)
}

function limit(folder: string, file: string) {
  const found = text(folder, file)?.trim()
  return found === undefined || found === "max" ? undefined : Number(found)
}

/** Nothing where the kernel has no such controller, or has it elsewhere. */
function text(folder: string, file: string) {
  try {
    return readFileSync(join(folder, file), "utf8")
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined
    throw error
  }
}
