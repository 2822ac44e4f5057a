/** What to tell a model whose text is not in the file: most often it is nearly there. */
export function miss(text: string, old: string, path: string) {
  const lines = text.split(/\r?\n/)
  const wanted = old.replace(/\r?\n$/, "").split(/\r?\n/)
  if (wanted.every((line) => /^\s*\d+\t/.test(line)))
    return `\`old\` is not in ${path}: it begins with the line numbers that read shows. Leave them out.`
  const loose = find(lines, wanted, (a, b) => squeeze(a) === squeeze(b))
  if (loose !== undefined)
    return `\`old\` is not in ${path} exactly: at line ${loose + 1} only the white space differs. In the file it is:\n${show(lines, loose, wanted.length)}`
  const { at, score } = nearest(lines, wanted)
  if (score < 0.3) return `\`old\` is not in ${path}, nor anything like it. Read the file again.`
  return `\`old\` is not in ${path}. The most similar place is line ${at + 1}:\n${show(lines, at, wanted.length)}`
}

const squeeze = (line: string) => line.trim().replace(/\s+/g, " ")

function find(lines: readonly string[], wanted: readonly string[], equal: (a: string, b: string) => boolean) {
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    if (wanted.every((line, index) => equal(line, lines[at + index] ?? ""))) return at
  }
  return undefined
}

/** Lines and rows that are compared, so that a large file does not take seconds. */
const rowLimit = 20
const lineLimit = 20_000

function nearest(lines: readonly string[], wanted: readonly string[]) {
  const rows = wanted.slice(0, rowLimit).map(words)
  const count = Math.min(lines.length, lineLimit)
  const known = lines.slice(0, count + rows.length).map(words)
  let best = { at: 0, score: 0 }
  for (let at = 0; at < count; at++) {
    const score = rows.reduce((sum, row, index) => sum + similarity(row, known[at + index]), 0) / rows.length
    if (score > best.score) best = { at, score }
  }
  return best
}

const words = (line: string) => new Set(line.slice(0, 500).match(/\w+|[^\w\s]/g))

/** The share of words that two lines have in common; two empty lines say nothing. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string> | undefined) {
  if (!b || a.size === 0 || b.size === 0) return 0
  let common = 0
  for (const word of a) if (b.has(word)) common++
  return (2 * common) / (a.size + b.size)
}

const shownLines = 20

/** With spaces, tabs and line ends as they are; a tab is no space. */
function show(lines: readonly string[], at: number, count: number) {
  const part = lines.slice(at, at + Math.min(count, shownLines))
  return ["```", ...part.map((line) => line.slice(0, 500)), "```"].join("\n")
}
