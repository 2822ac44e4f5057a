import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import type { Row } from "./table.ts"

/** Gives rows to `run.ts`, which started this process. */
export function report(...rows: Row[]) {
  return new Promise<void>((resolve, reject) => {
    if (!process.send) return reject(new Error("Start it through bench/run.ts"))
    process.send(rows, undefined, {}, (error) => (error ? reject(error) : resolve()))
  })
}

/** Progress, for whoever waits. */
export const say = (text: string) => void process.stderr.write(`  ${text}\n`)

/** Runs `work` with a folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "remote-swe-bench-"))
  return work(folder).finally(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
}

/** How long each of `count` runs of `work` takes, one after the other. */
export async function each(count: number, work: (index: number) => Promise<unknown>) {
  const samples: number[] = []
  for (let index = 0; index < count; index++) {
    const start = performance.now()
    await work(index)
    samples.push(performance.now() - start)
  }
  return samples
}
