/**
 * `npm run bench [part …]`: measures each part in processes of its own and prints one table. The parts
 * are the files of `part/`.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { type Row, table } from "./table.ts"

const folder = path.join(import.meta.dirname, "part")
const all = (await readdir(folder)).map((name) => path.basename(name, ".ts")).toSorted()
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(", ")}. The parts are: ${all.join(", ")}\n`)
  process.exit(1)
}

const rows: Row[] = []
const failed: string[] = []
for (const name of wanted.length > 0 ? wanted : all) {
  process.stderr.write(`${name} …\n`)
  const child = spawn(process.execPath, [path.join(folder, `${name}.ts`)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  child.on("message", (message) => rows.push(...(message as Row[])))
  const [code] = await once(child, "exit")
  if (code !== 0) failed.push(name)
}

process.stdout.write(`${table(rows)}\n`)
if (failed.length > 0) {
  process.stderr.write(`Failed: ${failed.join(", ")}\n`)
  process.exitCode = 1
}
