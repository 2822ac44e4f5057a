import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import * as v from "valibot"

/** What is written down of each worker's process, so that the next start can clear away after a kill. */
const Record = v.object({ pid: v.number(), program: v.string(), folders: v.array(v.string()) })
export type Record = v.InferOutput<typeof Record>

const name = /^(ses_\w+)\.json$/

export const write = (folder: string, sessionID: string, record: Record) =>
  writeFile(path.join(folder, `${sessionID}.json`), JSON.stringify(record), { mode: 0o600 })

export const remove = (folder: string, sessionID: string) => rm(path.join(folder, `${sessionID}.json`), { force: true })

/** Ends processes, and removes folders, that a killed system left behind. */
export async function clear(folder: string) {
  for (const file of await readdir(folder)) {
    if (!name.test(file)) {
      await rm(path.join(folder, file), { recursive: true, force: true })
      continue
    }
    const text = await readFile(path.join(folder, file), "utf8")
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Record), text)
    if (parsed.success) await end(parsed.output)
    await rm(path.join(folder, file), { force: true })
  }
}

async function end({ pid, program, folders }: Record) {
  // The number may belong to another program by now.
  if ((await command(pid)).includes(program)) killGroup(pid)
  for (const item of folders) await rm(item, { recursive: true, force: true, maxRetries: 5 })
}

/** The command line of a process; empty where there is none. */
async function command(pid: number) {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
  return promisify(execFile)("ps", ["-o", "args=", "-p", String(pid)]).then(
    ({ stdout }) => stdout,
    () => "",
  )
}

/** Kills a process with all of its group; harmless when there is none. */
export function killGroup(pid: number) {
  try {
    process.kill(-pid, "SIGKILL")
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM"))) throw error
  }
}
