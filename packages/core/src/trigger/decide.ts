import { Schedule } from "../schedule/index.ts"
import { mostFailures, type Ring, type Run, type State } from "./schema.ts"

/** What is known of a trigger when it is asked what to do: part of its item. */
export interface Known {
  schedule: Schedule.Info
  anchor: number
  revision: number
  state: State
  failures: number
  last?: Run | undefined
  removed?: boolean | undefined
  claimed?: number | undefined
  claimUntil?: number | undefined
  attempts?: number | undefined
  settled?: number | undefined
}

/** Tries of one time: the first and those after a mistake of ours. */
const mostAttempts = 3

/**
 * `fire`: for the `attempt`th time. `done`: it was fired, or is being fired. `stale`: the timer that rang knows an
 * earlier revision.
 */
export type Decision = { type: "fire"; attempt: number } | { type: "done" } | { type: "stale" }

export function decide(known: Known | undefined, { revision, at }: Omit<Ring, "triggerID">, now: number): Decision {
  if (!known || known.removed || known.revision !== revision) return { type: "stale" }
  if (known.state.type !== "active" || at <= (known.settled ?? 0) || at < (known.claimed ?? 0)) return { type: "done" }
  if (known.claimed !== at) return { type: "fire", attempt: 1 }
  if ((known.claimUntil ?? 0) > now) return { type: "done" }
  return { type: "fire", attempt: (known.attempts ?? 0) + 1 }
}

/** Whether a mistake of ours is worth another try. */
export const isLast = (attempt: number) => attempt >= mostAttempts

/** Failures in a row up to now, with what became of the session that was started last. */
export function count({ failures, last }: Pick<Known, "failures" | "last">, didLastFail: boolean) {
  if (last?.type === "failed") return failures
  return didLastFail ? failures + 1 : 0
}

export const isTooMuch = (failures: number) => failures >= mostFailures

/** How a trigger stands after a time was fired: late ones fire once, so the next is after now. */
export function after(known: Known, { at, failures, problem }: Outcome, now: number): State {
  if (isTooMuch(failures)) return { type: "failed", problem: problem ?? lost }
  return upcoming(known, Math.max(at, now))
}

interface Outcome {
  at: number
  failures: number
  problem?: string | undefined
}

const lost = `The last ${mostFailures} sessions that it started failed`

/** When it fires next after a moment. */
export function upcoming({ schedule, anchor }: Pick<Known, "schedule" | "anchor">, moment: number): State {
  const next = Schedule.next(schedule, { after: moment, anchor })
  return next === undefined ? { type: "done" } : { type: "active", next }
}
