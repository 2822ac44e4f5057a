import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import type { Context } from "./tool.ts"
import { Tool } from "./tool.ts"

const maximum = 300
const pollMs = 200

export const JobOutputTool = Tool.define({
  name: "job_output",
  description: `What a background job has printed since the last look, and whether it still runs. With wait_seconds (up to ${maximum}) it waits until the job prints something or ends. Without a job it lists them.`,
  input: v.strictObject({
    job: v.optional(v.pipe(v.string(), v.description("The name that bash gave it, such as job_1."))),
    wait_seconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(maximum))),
  }),
  parallel: true,
  async execute({ job: id, wait_seconds = 0 }, { sandbox, signal }) {
    if (id === undefined) {
      const jobs = await sandbox.jobs()
      return (
        jobs.map((job) => `${job.id} (${state(job)}): ${job.script.slice(0, 200)}`).join("\n") || "No background jobs."
      )
    }
    const { job, text } = await next(sandbox, id, wait_seconds * 1000, signal)
    return `[${job.id}: ${state(job)}; everything is in ${job.whole}]\n${text || "(nothing new)"}`
  },
})

async function next(sandbox: Context["sandbox"], id: string, waitMs: number, signal: AbortSignal) {
  const deadline = performance.now() + waitMs
  for (;;) {
    const found = await sandbox.output(id)
    if (found.text !== "" || found.job.state !== "running" || performance.now() >= deadline) return found
    await sleep(pollMs, undefined, { signal })
  }
}

const state = (job: { state: string; code: number | null }) =>
  job.state === "exited" ? `exited with ${job.code ?? "an error"}` : job.state
