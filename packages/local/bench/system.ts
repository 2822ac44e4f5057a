import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { createInterface } from "node:readline"
import { Client } from "@remote-swe/core/client"

const root = path.resolve(import.meta.dirname, "../../..")

/** The system as `npm start` runs it, in a process of its own, with the model that answers at `modelURL`. */
export async function start(home: string, modelURL: string) {
  const child = spawn(process.execPath, [path.join(root, "packages/local/src/index.ts")], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PORT: "0",
      REMOTE_SWE_HOME: home,
      REMOTE_SWE_API_KEY: key,
      // A worker leaves soon after its work, so that the next measurement has the machine for itself.
      REMOTE_SWE_IDLE_MINUTES: process.env["BENCH_IDLE_MINUTES"] ?? "0.02",
      LLM_PROVIDER: "anthropic",
      ANTHROPIC_API_KEY: "bench",
      ANTHROPIC_BASE_URL: modelURL,
    },
  })
  const problems: string[] = []
  child.stderr.on("data", (bytes: Buffer) => problems.push(bytes.toString()))
  const ended = once(child, "exit")
  const url = await ready(child.stdout)
  if (!url) {
    await ended
    throw new Error(`The system did not start:\n${problems.join("")}`)
  }
  if (!child.pid) throw new Error("The system has no process id")
  return {
    url,
    pid: child.pid,
    client: Client.create({ url: `${url}/api/v1`, key }),
    /** What it and its workers have logged as warnings or errors. */
    problems: () => problems.join(""),
    async stop() {
      child.kill("SIGTERM")
      await ended
    },
  }
}

export type System = Awaited<ReturnType<typeof start>>

export const key = "swe_k_a_key_that_only_the_benchmark_uses_0000000"

/** The address that the system names when it is ready; undefined when it ended without. */
async function ready(output: NodeJS.ReadableStream) {
  for await (const line of createInterface({ input: output })) {
    const [, url] = /ready at (\S+)/.exec(line) ?? []
    if (!url) continue
    // The system never waits for somebody to read the rest.
    output.resume()
    return url
  }
}

export interface Weight {
  pid: number
  /** Resident memory in MB: of the process, and of all below it, shared pages counted for each of them. */
  own: number
  below: number
  children: Weight[]
}

export async function weigh(pid: number): Promise<Weight> {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  const ids = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").filter(Boolean)
  const children = await Promise.all(ids.map((id) => weigh(Number(id)).catch(ended)))
  const alive = children.filter((child) => child !== undefined)
  return { pid, own, below: alive.reduce((sum, child) => sum + child.own + child.below, 0), children: alive }
}

/** A process may end while we look at it. */
function ended(error: unknown) {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return undefined
  throw error
}

/** Waits until `check` holds; asks every few milliseconds, and gives up after a minute. */
export async function until<T>(check: () => Promise<T | undefined> | T | undefined, what: string, withinMs = 60_000) {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await check()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
