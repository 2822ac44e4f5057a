import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import path from "node:path"

export const folder = path.resolve(import.meta.dirname, "..")

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end; a code other than 0 is an answer like any other. */
export function run(args: readonly string[], options: { env?: NodeJS.ProcessEnv; timeout?: number } = {}) {
  const [file = "", ...rest] = args
  return new Promise<Outcome>((resolve, reject) => {
    execFile(
      file,
      rest,
      { maxBuffer: 64 * 1024 * 1024, killSignal: "SIGKILL", ...options },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== "number" && !error.killed) return reject(error)
        resolve({ code: error ? (typeof error.code === "number" ? error.code : 124) : 0, stdout, stderr })
      },
    )
  })
}

/** Runs what must succeed. */
export async function must(...args: string[]) {
  const { code, stdout, stderr } = await run(args)
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}${stdout}`)
  return stdout
}

/** Why tests that need these programs, and the rights of root, are left out here: said once, in one line. */
export function lacking(what: string, programs: readonly string[], root: boolean) {
  const reasons = [
    ...(process.platform === "linux" ? [] : ["it is not Linux"]),
    ...(root && process.getuid?.() !== 0 ? ["it needs root"] : []),
    ...programs.filter((name) => !has(name)).map((name) => `${name} is missing`),
  ]
  if (reasons.length > 0) process.stderr.write(`${what}: skipped, as ${reasons.join(", ")}\n`)
  return reasons.length > 0
}

function has(name: string) {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"]
  return folders.some((place) => existsSync(path.join(place, name)))
}
