/**
 * What commands may run short of on a machine that limits them, seen from its counters before and after a call. The
 * counters are of their control group and what is above it, so they also tell what a host died of that another
 * one was started for.
 */
export interface Vitals {
  /** The host's control group: the counts of another one began at nothing. */
  group: string
  memory?: Memory | undefined
  processes?: Processes | undefined
  disk: Disk
}

export interface Memory {
  /** Processes that the kernel has ended for want of memory, of all hosts so far. */
  ended: number
  /** Bytes that commands may use; undefined where that is not limited. */
  limit?: number | undefined
}

export interface Processes {
  /** How often one could not be started: in the host's own group, and in all hosts so far. */
  refused: { own: number; all: number }
  now: number
  limit?: number | undefined
}

/** Of the session's file system, as far as commands may use it. */
export interface Disk {
  free: number
  size: number
  /** Files that can still be made; undefined where that is not counted. */
  files?: number | undefined
}

export type Strain = "memory" | "processes" | "disk"

const megabyte = 1024 * 1024
/** Less than this, or than a fiftieth of a small disk, is full: what is left is soon gone. */
const leastFree = 100 * megabyte
const leastFiles = 100
/** With more than this share of the processes there is room for no command. */
const crowded = 0.9

/** What was run short of since `before`. A full disk is one for as long as it is full. */
export function strains(before: Vitals, after: Vitals): Strain[] {
  const found: Record<Strain, boolean> = {
    memory: (after.memory?.ended ?? 0) > (before.memory?.ended ?? 0),
    processes: refused(before, after),
    disk: isFull(after.disk),
  }
  return (["memory", "processes", "disk"] as const).filter((strain) => found[strain])
}

function refused(before: Vitals, after: Vitals) {
  const [was, is] = [before.processes?.refused, after.processes?.refused]
  if (!is) return false
  const own = before.group === after.group ? (was?.own ?? 0) : 0
  return is.own > own || is.all > (was?.all ?? 0)
}

function isFull({ free, size, files }: Disk) {
  return free < Math.min(leastFree, size / 50) || (files !== undefined && files < leastFiles)
}

/** Whether what runs has to be ended, so that commands can be run again. */
export const isCrowded = ({ processes }: Vitals) =>
  processes?.limit !== undefined && processes.now > processes.limit * crowded

interface Words {
  /** For the model, in the result of the call that was hit. */
  result: string
  /** For people. */
  notice: string
}

export function words(strain: Strain, { memory, processes, disk }: Vitals, ended: boolean): Words {
  switch (strain) {
    case "memory": {
      const most = memory?.limit === undefined ? "" : ` Commands may use ${amount(memory.limit)} in all.`
      return {
        result: `[Out of memory: the system ended a process of this session.${most} Use less at once, such as fewer jobs side by side.]`,
        notice: `Commands ran out of memory, and the system ended a process.${most} The agent knows. A larger machine has more.`,
      }
    }
    case "processes": {
      const most = processes?.limit === undefined ? "" : ` Commands may have ${processes.limit} at once.`
      const rest = ended ? " Everything that was running was ended, background jobs as well." : ""
      return {
        result: `[Too many processes: one could not be started.${most}${rest}]`,
        notice: `Commands started more processes than they may.${most}${rest} The agent knows.`,
      }
    }
    case "disk": {
      const left =
        disk.files !== undefined && disk.files < leastFiles
          ? "no more files can be made"
          : `${amount(disk.free)} are left`
      return {
        result: `[The disk is full: ${left}. Delete what is not needed, such as caches and what was built.]`,
        notice: `The disk of the machine is full: ${left}. The agent knows. What cannot be written cannot be saved, either.`,
      }
    }
  }
}

const amount = (bytes: number) =>
  bytes < 1024 * megabyte ? `${Math.floor(bytes / megabyte)} MB` : `${(bytes / 1024 / megabyte).toFixed(1)} GB`
