/** A unified diff, taken apart for showing. */

export interface Line {
  type: "context" | "added" | "removed" | "hunk" | "note"
  text: string
  /** Line numbers before and after. */
  from?: number
  to?: number
}

export interface FilePatch {
  path: string
  /** The path before, where it was another. */
  previous?: string
  text: string
}

/** Cuts a diff of several files into one text per file. */
export function split(patch: string): FilePatch[] {
  return patch
    .split(/^(?=diff --git )/m)
    .filter((text) => text.startsWith("diff --git "))
    .map((text) => {
      const header = text.slice(0, Math.max(0, text.search(/^@@ /m)) || text.length)
      const to = header.match(/^\+\+\+ (?:b\/)?(.+?)\t?$/m)?.[1]
      const from = header.match(/^--- (?:a\/)?(.+?)\t?$/m)?.[1]
      const renamed = header.match(/^rename (from|to) (.+)$/m) && {
        previous: header.match(/^rename from (.+)$/m)?.[1],
        path: header.match(/^rename to (.+)$/m)?.[1],
      }
      const named = text.match(/^diff --git a\/(.+) b\/(.+)$/m)?.[2]
      const path = renamed?.path ?? (to && to !== "/dev/null" ? to : from) ?? named ?? ""
      return { path, ...(renamed?.previous && { previous: renamed.previous }), text }
    })
}

/**
 * A patch of one hunk without the lines around its change that `shown`, another patch of it, does not have; any
 * other patch as it is.
 */
export function within(patch: string, shown: string) {
  const hunks = patch.split(/^(?=@@ )/m).slice(1)
  const [header, ...rest] = hunks[0]?.replace(/\n$/, "").split("\n") ?? []
  const match = header?.match(hunkHeader)
  if (!match || hunks.length > 1) return patch
  const around = countAround(rest)
  const own = countAround(shown.replace(/\n$/, "").split("\n").slice(1))
  const head = Math.max(0, around.head - own.head)
  const tail = Math.max(0, around.tail - own.tail)
  const [from, to] = [Number(match[1]) + head, Number(match[2]) + head]
  return `@@ -${from} +${to} @@${match[3]}\n${rest.slice(head, rest.length - tail).join("\n")}\n`
}

/** Lines of context before the first change and after the last. */
function countAround(hunk: readonly string[]) {
  const isChange = (line: string) => !line.startsWith(" ")
  const first = hunk.findIndex(isChange)
  return { head: first, tail: hunk.length - 1 - hunk.findLastIndex(isChange) }
}

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/

/** The lines of one file's hunks. A patch without hunks (binary, mode change) has none. */
export function lines(text: string): Line[] {
  const start = text.search(/^@@ /m)
  if (start < 0) return []
  const counter = { from: 0, to: 0 }
  return text
    .slice(start)
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => read(line, counter))
}

function read(line: string, counter: { from: number; to: number }): Line {
  const hunk = line.match(hunkHeader)
  if (hunk) {
    counter.from = Number(hunk[1])
    counter.to = Number(hunk[2])
    return { type: "hunk", text: hunk[3]?.trim() ?? "" }
  }
  const text = line.slice(1)
  if (line.startsWith("+")) return { type: "added", text, to: counter.to++ }
  if (line.startsWith("-")) return { type: "removed", text, from: counter.from++ }
  if (line.startsWith("\\")) return { type: "note", text: line }
  return { type: "context", text, from: counter.from++, to: counter.to++ }
}
