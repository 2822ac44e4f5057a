// Stands for the sandbox's host: runs the lines that it reads, and answers each with what it printed.
import { exec } from "node:child_process"
import { createInterface } from "node:readline"

for await (const line of createInterface(process.stdin)) {
  const text = await new Promise((resolve) => {
    exec(JSON.parse(line), { timeout: 20_000 }, (error, stdout, stderr) => resolve(stdout + stderr))
  })
  process.stdout.write(`${JSON.stringify(text)}\n`)
}
