import { idle, type Row, rows } from "./bill.ts"
import type { Measured } from "./measure.ts"
import * as Words from "./words.ts"

/** Both tables as Markdown, as a formatter would leave them. */

/** The reference system's own table is for as many. */
const sessions = 100

export function session(measured: Measured, language: Words.Language) {
  const all = rows(measured)
  const sum = (of: (row: Row) => number) => money(sessions * all.reduce((sum, row) => sum + of(row), 0))
  const lines = all.map((row) => [
    Words.row[row.name][language],
    figure(row.ours),
    money(sessions * row.usd),
    row.theirs ? figure(row.theirs.amount) : "–",
    row.theirs ? money(sessions * row.theirs.usd) : "–",
    verdict(row, language),
  ])
  const total = [
    `**${Words.head.sum[language]}**`,
    "",
    `**${sum((row) => row.usd)}**`,
    "",
    `**${sum((row) => row.theirs?.usd ?? 0)}**`,
    "",
  ]
  return table([...Words.head.session[language]], [...lines, total], [1, 2, 3, 4])
}

export function month(measured: Measured, language: Words.Language) {
  const all = idle(measured)
  const lines = all.map(({ name, amount, usd }) => [Words.idle[name][language], figure(amount), money(usd)])
  return table([...Words.head.idle[language]], lines, [1, 2])
}

/** A hair's breadth is not over: the amounts of the reference are round. */
function verdict({ name, ours, theirs }: Row, language: Words.Language) {
  if (!theirs || ours <= theirs.amount) return ""
  const reason = Words.why[name]?.[language]
  return reason ? `**${Words.head.over[language]}**: ${reason}` : `**${Words.head.over[language]}**`
}

export function figure(amount: number) {
  if (amount >= 10) return Math.round(amount).toLocaleString("en")
  return Number(amount.toPrecision(2)).toString()
}

/** Cents where there are any; else what is there. */
export function money(usd: number) {
  if (usd === 0) return "0"
  if (usd >= 0.1) return usd.toFixed(2)
  return usd < 0.0001 ? "< 0.0001" : Number(usd.toPrecision(1)).toString()
}

function table(head: string[], lines: string[][], right: number[]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...lines].map((line) => width(line[column] ?? ""))))
  const render = (line: string[]) =>
    `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0, right.includes(column))).join(" | ")} |`
  const rule = widths.map((width, column) => (right.includes(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)))
  return [render(head), `| ${rule.join(" | ")} |`, ...lines.map(render)].join("\n")
}

function pad(cell: string, to: number, right: boolean) {
  const room = " ".repeat(to - width(cell))
  return right ? room + cell : cell + room
}

/** Japanese letters take two columns. */
function width(text: string) {
  return [...text].reduce((sum, letter) => sum + (/[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]/.test(letter) ? 2 : 1), 0)
}
