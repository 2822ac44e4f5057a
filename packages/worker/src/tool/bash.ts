import * as v from "valibot"
import { headLimit, tailLimit } from "../sandbox/protocol.ts"
import type { Exit } from "../sandbox/sandbox.ts"
import { describe } from "./describe.ts"
import { Tool } from "./tool.ts"

/** Seconds. */
const limits = { timeout: 1_200, silence: 300, maximum: 14_400 } as const
const scriptLimit = 100_000
const seconds = v.pipe(v.number(), v.minValue(1), v.maxValue(limits.maximum))

export const BashTool = Tool.define({
  name: "bash",
  description: describe("bash", { ...limits, head: headLimit, tail: tailLimit }),
  input: v.strictObject({
    command: v.pipe(v.string(), v.minLength(1), v.maxLength(scriptLimit), v.description("The script.")),
    cwd: v.optional(v.pipe(v.string(), v.description("Folder to run in; by default the session's folder."))),
    timeout_seconds: v.optional(v.pipe(seconds, v.description("Ends the script however busy it is."))),
    silence_seconds: v.optional(v.pipe(seconds, v.description("Ends the script when it prints nothing for so long."))),
    background: v.optional(v.pipe(v.boolean(), v.description("Start it and do not wait for it."))),
  }),
  parallel: false,
  async execute(input, { sandbox, signal, progress }) {
    const place = input.cwd === undefined ? {} : { cwd: input.cwd }
    if (input.background) {
      const job = await sandbox.start({ script: input.command, ...place })
      return `Started ${job.id}. Its whole output goes to ${job.whole}; see what is new with job_output.`
    }
    const timeout = input.timeout_seconds ?? limits.timeout
    // Who asks for more time in all does not want to be cut off for being quiet.
    const silence = input.silence_seconds ?? Math.max(limits.silence, input.timeout_seconds ?? 0)
    const exit = await sandbox.exec(
      { script: input.command, ...place, timeoutMs: timeout * 1000, silenceMs: silence * 1000, onOutput: progress },
      signal,
    )
    const note = conclusion(exit, timeout, silence)
    const text = [exit.text.trimEnd(), note].filter(Boolean).join("\n\n")
    return { content: [{ type: "text", text: text || "(no output)" }], error: exit.code !== 0 }
  },
})

function conclusion(exit: Exit, timeout: number, silence: number) {
  switch (exit.reason) {
    case "exited":
      return exit.code === 0 ? "" : `[exit code ${exit.code}]`
    case "timeout":
      return `[Ended after ${timeout} seconds, with everything that it had started. Raise timeout_seconds, or run it in the background.]`
    case "silence":
      return `[Ended because it printed nothing for ${silence} seconds. Raise silence_seconds if it works silently; if it waits for input, answer by flags.]`
    case "stopped":
      return "[Stopped.]"
    case "signal":
      return "[Ended by a signal.]"
  }
}
