import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { Job } from "../sandbox/sandbox.ts"

/** The commands of a session, by the credential that each has for the proxy and by the time in which it ran. */

export interface Command {
  /** The model's script, or the words of a program of ours. */
  script: string
  callID?: string | undefined
  jobID?: string | undefined
}

export interface Named extends Command {
  /** Tells it from all others of the session. */
  name: string
}

interface Entry extends Named {
  /** Milliseconds of the machine's clock that nobody sets. */
  began: number
  ended: number | undefined
  digest: Buffer
}

export type Register = ReturnType<typeof create>

/** What commands left behind goes on with their credentials: so many of those that ended are remembered. */
const mostEnded = 1_000
/** As the journal counts. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

export function create() {
  const entries = new Map<string, Entry>()
  let count = 0

  function begin(command: Command) {
    const name = `command-${++count}`
    const secret = randomBytes(18).toString("base64url")
    const entry: Entry = { ...command, name, began: now(), ended: undefined, digest: digest(secret) }
    entries.set(name, entry)
    forget()
    return {
      user: `${name}:${secret}`,
      /** It runs on in the background, under that name. */
      become(jobID: string) {
        // A new host counts its jobs from the beginning.
        for (const other of entries.values()) if (other.jobID === jobID) other.ended ??= now()
        entry.jobID = jobID
      },
      end() {
        entry.ended ??= now()
      },
    }
  }

  function forget() {
    const ended = [...entries.values()].filter((entry) => entry.ended !== undefined)
    for (const { name } of ended.slice(0, Math.max(0, ended.length - mostEnded))) entries.delete(name)
  }

  return {
    begin,

    /** Whose credential this `Proxy-Authorization` is. */
    identify(header: string | undefined): Named | undefined {
      const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1]
      const [name = "", secret = ""] = Buffer.from(basic ?? "", "base64")
        .toString()
        .split(":", 2)
      const entry = entries.get(name)
      return entry && timingSafeEqual(entry.digest, digest(secret)) ? named(entry) : undefined
    },

    hasJobs: () => [...entries.values()].some(({ jobID, ended }) => jobID !== undefined && ended === undefined),

    /** Takes note of the jobs that ended by themselves. */
    see(jobs: readonly Job[]) {
      for (const entry of entries.values()) {
        const job = jobs.find((job) => job.id === entry.jobID)
        if (entry.jobID === undefined || job?.state === "running") continue
        entry.ended ??= job?.endedAt === undefined ? now() : now() - (Date.now() - job.endedAt)
      }
    },

    /** Those that ran at some moment of that time. */
    running({ since, until }: { since: number; until: number }): Named[] {
      const then = [...entries.values()].filter(({ began, ended }) => began <= until && (ended ?? until) >= since)
      return then.map(named)
    },
  }
}

const named = ({ name, script, callID, jobID }: Entry): Named => ({ name, script, callID, jobID })

const digest = (secret: string) => createHash("sha256").update(secret).digest()
