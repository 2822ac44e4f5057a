/**
 * `npm run cost`: runs a standard session on the local cloud, counts what AWS would charge for, and prints
 * that with the price list's prices beside the reference system's table. `--json` prints all of it as data,
 * `--detail` what each kind of request came to, `--write` keeps it as `result.json` and in the READMEs.
 */
import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { parseArgs } from "node:util"
import { withFolder } from "../bench/part.ts"
import { root } from "../src/config.ts"
import { idle, rows } from "./bill.ts"
import { type Measured, measure, NoBrowser } from "./measure.ts"
import type { Reading } from "./meter.ts"
import * as Page from "./page.ts"
import { compared, price } from "./price.ts"
import * as Render from "./render.ts"
import { source } from "./reference.ts"

const { values: wanted } = parseArgs({
  options: { json: { type: "boolean" }, detail: { type: "boolean" }, write: { type: "boolean" } },
})

const { measured, readings } = await withFolder(measure).catch((error: unknown) => {
  if (!(error instanceof NoBrowser)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
if (wanted.write) await write(measured)
process.stdout.write(wanted.json ? json(measured) : `${report(measured)}\n`)
if (wanted.detail) process.stdout.write(`\n${detail(readings)}\n`)
process.exit()

async function write(measured: Measured) {
  await writeFile(path.join(import.meta.dirname, "result.json"), `${JSON.stringify(measured, rounded, 2)}\n`)
  for (const [name, language] of [
    ["README.md", "en"],
    ["README_ja.md", "ja"],
  ] as const) {
    const file = path.join(root, name)
    await writeFile(file, Page.fill(await readFile(file, "utf8"), measured, language))
  }
}

function json(measured: Measured) {
  const all = { measured, session: rows(measured), month: idle(measured), price, compared, reference: source }
  return `${JSON.stringify(all, rounded, 2)}\n`
}

function report(measured: Measured) {
  const prices = Object.values(price).map(({ usd, unit, source }) => `* ${usd} USD: ${unit}, ${source}`)
  return [
    "A standard session: 1 task, 45 answers, 60 calls, one browser watching, its machine for an hour.",
    `Reference: ${source}`,
    "",
    Render.session(measured, "en"),
    "",
    "An installation that nobody uses:",
    "",
    Render.month(measured, "en"),
    "",
    `Prices, us-east-1, before any free tier, as of ${compared}:`,
    "",
    ...prices,
  ].join("\n")
}

function detail(readings: Record<string, Reading>) {
  return Object.entries(readings)
    .map(([name, { counts, details }]) => {
      const lines = [...details]
        .toSorted()
        .map(([what, { count, amount }]) => `  ${what}: ${count}, ${Render.figure(amount)}`)
      return [`${name}, ${counts.seconds.toFixed(0)} s`, ...lines].join("\n")
    })
    .join("\n\n")
}

/** What is behind a thousandth is noise. */
function rounded(_: string, value: unknown) {
  return typeof value === "number" ? Number(value.toFixed(7)) : value
}
