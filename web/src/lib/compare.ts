/** A unified diff of one hunk between two short texts: what they share at both ends is context. */
export function compare(before: string, after: string) {
  if (before === after) return ""
  const old = before === "" ? [] : before.replace(/\n$/, "").split("\n")
  const next = after === "" ? [] : after.replace(/\n$/, "").split("\n")
  const shorter = Math.min(old.length, next.length)
  const start = old.findIndex((line, index) => line !== next[index])
  const head = start < 0 ? shorter : Math.min(start, shorter)
  const tail = countEnd(old.slice(head), next.slice(head))
  const lines = [
    ...old.slice(0, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...next.slice(head, next.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail).map((line) => ` ${line}`),
  ]
  return `@@ -1,${old.length} +1,${next.length} @@\n${lines.join("\n")}\n`
}

function countEnd(a: readonly string[], b: readonly string[]) {
  const shorter = Math.min(a.length, b.length)
  const differs = Array.from({ length: shorter }).findIndex((_, index) => a.at(-1 - index) !== b.at(-1 - index))
  return differs < 0 ? shorter : differs
}
