export * as Chain from "./chain.ts"

/**
 * A snapshot of a repository is a chain of bundles: one with everything since what its origin has, then
 * each with what is new since the one before.
 */
export const longest = 10

export interface Known {
  /** Bytes of each link so far. */
  links: readonly number[]
  /** Whether what the last link leads to is still here to build on. */
  present: boolean
  /** Bytes that a bundle with everything would have, about. */
  whole: number
}

/** Whether to add a link, or to begin a new chain, which takes the place of the one that there is. */
export function decide({ links, present, whole }: Known): "link" | "whole" {
  if (links.length === 0 || !present) return "whole"
  if (links.length >= longest) return "whole"
  const bytes = links.reduce((sum, size) => sum + size, 0)
  return bytes > 2 * Math.max(whole, smallest) ? "whole" : "link"
}

/** Below this, to begin anew saves nothing that anybody would notice. */
const smallest = 1024 * 1024

/** Turns back to which a fork still finds its files, and bytes that are kept for that at most. */
const kept = { turns: 10, bytes: 200 * 1024 * 1024 }

/**
 * The files that are to stay beside those of the newest snapshot: `turns` has what was saved last when each
 * turn had ended, oldest first.
 */
export function keep(newest: readonly string[], turns: readonly (readonly { id: string; size: number }[])[]) {
  const ids = new Set<string>()
  let bytes = 0
  for (const files of turns.slice(-kept.turns).toReversed()) {
    const more = files.filter(({ id }) => !ids.has(id) && !newest.includes(id))
    bytes += more.reduce((sum, { size }) => sum + size, 0)
    if (bytes > kept.bytes) break
    for (const { id } of more) ids.add(id)
  }
  return [...ids]
}
