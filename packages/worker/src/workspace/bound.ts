export * as Bound from "./bound.ts"

/** What of a work tree is saved when it is more than can be: decided from names and sizes alone. */

const MB = 1024 * 1024

export const limits: All = {
  /** Bytes of one file. */
  file: 100 * MB,
  /** Bytes of all files that no commit has, as they lie on the disk. */
  files: 100 * MB,
  /** Files that no commit has. */
  count: 20_000,
  /** Bytes of what one save uploads of a repository. */
  link: 100 * MB,
  /** Bytes in the bucket for all repositories together. */
  session: 500 * MB,
  /** Repositories inside a repository, and bytes of the history of each. */
  inside: 50,
  history: 50 * MB,
}

/** Of one repository's files. */
export interface Limits {
  file: number
  files: number
  count: number
}

export interface All extends Limits {
  link: number
  session: number
  inside: number
  history: number
}

/** A file whose content no commit has. */
export interface Candidate {
  path: string
  size: number
  /** `new`: git does not know it. `changed`: it does, and another content of it. */
  kind: "new" | "changed"
  /** The uppermost folder around it in which everything is new; absent where there is none. */
  folder?: string | undefined
}

export interface Left {
  /** A file, or with a slash at its end a folder with all that is new in it. */
  path: string
  files: number
  bytes: number
  why: "file" | "files" | "count"
}

/**
 * What to leave out so that the rest fits: files that are too large for themselves, then the folders with
 * the most new files, then the largest new files, and what was changed only where that does not do.
 */
export function fit(candidates: readonly Candidate[], limits: Limits): Left[] {
  const left: Left[] = []
  const small = candidates.filter(({ path, size }) => {
    if (size <= limits.file) return true
    left.push({ path, files: 1, bytes: size, why: "file" })
    return false
  })
  const crowded = crowds(small, limits.count)
  left.push(...crowded.left)
  return [...left, ...heaviest(crowded.rest, limits.files)]
}

/** Whether `path` is among what is left out. */
export function isLeft(left: readonly Left[]) {
  const files = new Set(left.map((item) => item.path))
  const folders = left.filter((item) => item.path.endsWith("/")).map((item) => item.path)
  return (path: string) => files.has(path) || folders.some((folder) => path.startsWith(folder))
}

function crowds(candidates: readonly Candidate[], count: number) {
  const excess = candidates.length - count
  if (excess <= 0) return { left: [], rest: candidates }
  const fresh = candidates.filter(({ kind }) => kind === "new")
  const groups = Map.groupBy(fresh, ({ folder, path }) => folder ?? path)
  const order = [...groups].toSorted(
    ([a, x], [b, y]) => y.length - x.length || bytesOf(y) - bytesOf(x) || (a < b ? -1 : 1),
  )
  const gone = take(order, ([, files]) => files.length, excess)
  const left = gone.map(([path, files]): Left => ({ path, files: files.length, bytes: bytesOf(files), why: "count" }))
  const isGone = isLeft(left)
  return { left, rest: candidates.filter(({ path, kind }) => kind === "changed" || !isGone(path)) }
}

function heaviest(candidates: readonly Candidate[], bytes: number): Left[] {
  const order = candidates.toSorted(
    (a, b) =>
      Number(a.kind === "changed") - Number(b.kind === "changed") || b.size - a.size || (a.path < b.path ? -1 : 1),
  )
  const gone = take(order, ({ size }) => size, bytesOf(candidates) - bytes)
  // What went first may fit in again when something larger has gone after it.
  let free = bytes - bytesOf(candidates) + bytesOf(gone)
  const left = gone.toReversed().filter(({ size }) => {
    if (size > free) return true
    free -= size
    return false
  })
  return left.toReversed().map(({ path, size }) => ({ path, files: 1, bytes: size, why: "files" }))
}

/** The first of them that weigh as much as has to go. */
function take<Item>(items: readonly Item[], weigh: (item: Item) => number, excess: number) {
  const taken: Item[] = []
  let rest = excess
  for (const item of items) {
    if (rest <= 0) return taken
    taken.push(item)
    rest -= weigh(item)
  }
  return taken
}

const bytesOf = (items: readonly Candidate[]) => items.reduce((sum, { size }) => sum + size, 0)

/**
 * How much of what no commit has may be tried next, where `kept` of it made a bundle of `size` bytes and
 * there is room for `room`. Undefined where nothing of it is left: then it is commits that are too large.
 */
export function retry({ kept, size, room }: { kept: number; size: number; room: number }) {
  if (kept === 0) return undefined
  // Half of it at most, as nobody knows how well which of it is compressed.
  const next = Math.min(kept - (size - room), Math.floor(kept / 2))
  // It isn't worth another try for less.
  return next < room / 100 ? 0 : next
}
