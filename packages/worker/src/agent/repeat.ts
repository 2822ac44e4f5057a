import { createHash } from "node:crypto"

/** How often the same thing happens before the model is told, and before a person is asked. */
export const nudgeAt = 3
export const stopAt = 6
/** The longest round that counts as a repetition: A B C A B C. */
const longestRound = 3

export type Verdict = "fine" | "nudge" | "stop"

/** Watches for the same actions with the same results, again and again. */
export function create() {
  let rounds: string[] = []
  let nudged = false

  return {
    /** What to do after a group of calls with these inputs and results. */
    see(group: unknown): Verdict {
      rounds = [...rounds, digest(group)].slice(-longestRound * stopAt)
      const most = Math.max(...Array.from({ length: longestRound }, (_, index) => repetitions(rounds, index + 1)))
      if (most >= stopAt) return "stop"
      if (most < nudgeAt) nudged = false
      if (most < nudgeAt || nudged) return "fine"
      nudged = true
      return "nudge"
    },
    /** Something new was said. */
    forget() {
      rounds = []
      nudged = false
    },
  }
}

/** How often the last `size` entries stand at the end, one behind the other. */
function repetitions(rounds: readonly string[], size: number) {
  const last = rounds.slice(-size)
  if (last.length < size) return 0
  const differs = rounds.toReversed().findIndex((entry, index) => entry !== last[size - 1 - (index % size)])
  return Math.floor((differs === -1 ? rounds.length : differs) / size)
}

const digest = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("base64")
