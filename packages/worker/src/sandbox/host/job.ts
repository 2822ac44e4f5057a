import { jobLimit, type JobValue, type Settings } from "../protocol.ts"
import type { Job } from "../sandbox.ts"
import { run } from "./command.ts"
import { bounded } from "./output.ts"
import { HostError } from "./problem.ts"

interface Entry {
  job: Job
  unseen: ReturnType<typeof bounded>
  stop(): Promise<void>
  done: Promise<unknown>
}

/** The background jobs of the session; those that ended stay to be read. */
export function jobs(settings: Settings) {
  const entries = new Map<string, Entry>()

  function find(id: string) {
    const entry = entries.get(id)
    if (entry) return entry
    const known = [...entries.keys()].join(", ") || "none"
    throw new HostError("missing", `There is no background job ${id}; known: ${known}`)
  }

  return {
    list: () => [...entries.values()].map((entry) => entry.job),

    start(script: string, cwd: string, proxy?: string): Job {
      const running = [...entries.values()].filter((entry) => entry.job.state === "running").length
      if (running >= jobLimit)
        throw new HostError("limit", `${jobLimit} background jobs are running; stop one with job_stop first`)
      const id = `job_${entries.size + 1}`
      const command = run(settings, {
        name: id,
        script,
        cwd,
        proxy,
        keep: true,
        onOutput: (text) => entry.unseen.add(text),
      })
      const whole = `${settings.output}/${id}.log`
      const job: Job = { id, script, state: "running", code: null, startedAt: Date.now(), whole }
      const entry: Entry = { job, unseen: bounded(), stop: () => command.stop("stopped"), done: command.done }
      entries.set(id, entry)
      entry.done = command.done.then(
        (exit) => {
          const state = exit.reason === "exited" ? "exited" : "stopped"
          entry.job = { ...entry.job, state, code: exit.code, endedAt: Date.now() }
        },
        (error: Error) => {
          entry.unseen.add(`${error.message}\n`)
          entry.job = { ...entry.job, state: "exited", endedAt: Date.now() }
        },
      )
      return job
    },

    output(id: string): JobValue {
      const entry = find(id)
      const text = entry.unseen.text(entry.job.whole)
      entry.unseen = bounded()
      return { job: entry.job, text }
    },

    async stop(id: string): Promise<Job> {
      const entry = find(id)
      await entry.stop()
      await entry.done
      return entry.job
    },
  }
}
