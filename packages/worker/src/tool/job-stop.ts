import * as v from "valibot"
import { Tool } from "./tool.ts"

export const JobStopTool = Tool.define({
  name: "job_stop",
  description: "Ends a background job with everything that it has started.",
  input: v.strictObject({ job: v.pipe(v.string(), v.description("Such as job_1.")) }),
  parallel: false,
  async execute({ job: id }, { sandbox }) {
    const job = await sandbox.stopJob(id)
    return `${job.id} is ${job.state === "exited" ? `over; it had exited with ${job.code}` : "stopped"}.`
  },
})
