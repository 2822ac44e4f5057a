import os from "node:os"

/** One line of the report: many measurements of one thing. */
export interface Row {
  name: string
  unit: "ms" | "MB" | "/s" | "×" | ""
  samples: number[]
  /** What it should be. */
  aim?: string
  /** What was done, so that somebody else can do it again. */
  how: string
}

/** The smallest sample that at least `share` of all samples do not exceed. */
export function percentile(samples: readonly number[], share: number) {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}

export function table(rows: readonly Row[]) {
  const head = ["what", "n", "p50", "p95", "p99", "aim"]
  const lines = rows.map(({ name, unit, samples, aim = "" }) => [
    unit ? `${name} (${unit})` : name,
    String(samples.length),
    ...[0.5, 0.95, 0.99].map((share) => figure(percentile(samples, share))),
    aim,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => (line[column] ?? "").length)))
  const render = (line: string[]) =>
    `| ${line.map((cell, column) => (column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`
  const rule = `| ${widths.map((width, column) => (column === 0 || column === 5 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  const notes = rows.map(({ name, how }) => `* **${name}**: ${how}`)
  return [machine(), "", render(head), rule, ...lines.map(render), "", "How it was measured:", "", ...notes].join("\n")
}

function figure(value: number | undefined) {
  if (value === undefined) return "–"
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}

function machine() {
  const [cpu] = os.cpus()
  const memory = (os.totalmem() / 2 ** 30).toFixed(0)
  return `${os.cpus().length} × ${cpu?.model ?? "CPU"}, ${memory} GB, ${os.type()} ${os.arch()}, Node ${process.versions.node}`
}
