import type { Why } from "@remote-swe/core/egress/schema"
import type { BodyOf } from "@remote-swe/core/log/schema"
import type { Named } from "./register.ts"
import * as Words from "./words.ts"

/** What was refused: written down once, and not without end; and told to the model with a result. */

export interface Refusal {
  host: string
  port?: number | undefined
  why: Why
  /** Those that it may have been. */
  commands: readonly Named[]
}

type Denial = Omit<BodyOf<"denial">, "id">
type Notice = Omit<BodyOf<"notice">, "id">

export type Ledger = ReturnType<typeof create>

/** Events of one turn. */
export const mostWritten = 50
const mostSeen = 5_000
const mostUntold = 500
const mostCommands = 20
const scriptLimit = 200

export function create() {
  const seen = new Set<string>()
  const over = new Set<string>()
  let untold: Refusal[] = []
  let allowed: string[] = []
  let written = 0
  let counted = 0

  return {
    /** The event that says so; undefined where one does already, or where there are too many. */
    add(refusal: Refusal): Denial | undefined {
      const { host, port, why, commands } = refusal
      const key = JSON.stringify([host, port, commands.map(({ name }) => name)])
      if (seen.has(key)) return
      remember(seen, key)
      untold = [...untold, refusal].slice(-mostUntold)
      if (written >= mostWritten) return void counted++
      written++
      const doers = commands.slice(0, mostCommands).map(doer)
      return { kind: "denial", host, ...(port !== undefined && { port }), why, commands: doers }
    },

    /** A turn begins: what comes from now on is counted anew. */
    begin() {
      written = 0
      counted = 0
    },

    /** What to say of those that were only counted, once. */
    more(): Notice | undefined {
      if (counted === 0) return
      const text = `The network refused commands ${counted} more host${counted === 1 ? "" : "s"} than are written down here.`
      counted = 0
      return { kind: "notice", level: "warning", code: "egress.more", text }
    },

    widen(host: string) {
      allowed = [...new Set([...allowed, host])].slice(-mostUntold)
    },

    /** What the model is told at the end of this call's result: of the call, and of what runs beside all calls. */
    take(callID: string): string | undefined {
      remember(over, callID)
      const isDue = ({ commands }: Refusal) =>
        commands.every((item) => item.jobID !== undefined || item.callID === undefined || over.has(item.callID))
      const due = untold.filter(isDue)
      untold = untold.filter((refusal) => !isDue(refusal))
      const lines = [due.length > 0 && Words.line(due.map(shown)), allowed.length > 0 && Words.widened(allowed)]
      allowed = []
      return lines.filter((line) => line !== false).join("\n") || undefined
    },
  }
}

/** The oldest is forgotten when there are too many. */
function remember(set: Set<string>, item: string) {
  set.add(item)
  const [oldest] = set
  if (set.size > mostSeen && oldest !== undefined) set.delete(oldest)
}

function doer({ script, callID, jobID }: Named): Denial["commands"][number] {
  const short = script.length > scriptLimit ? `${script.slice(0, scriptLimit - 1).toWellFormed()}…` : script
  return { script: short, ...(callID && { callID }), ...(jobID && { jobID }) }
}

const shown = ({ host, port, why, commands }: Refusal) => ({
  ...{ host, port, why },
  jobs: [...new Set(commands.flatMap(({ jobID }) => jobID ?? []))],
})
