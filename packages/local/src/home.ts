export * as Home from "./home.ts"
import { randomBytes } from "node:crypto"
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import * as v from "valibot"
import { lock } from "./cloud/lock.ts"

/** The folder that holds all local state. One process has it at a time. */

const Running = v.object({ pid: v.number(), url: v.string() })
export type Running = v.InferOutput<typeof Running>

export class TakenError extends Error {}

export async function take(folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const unlock = await lock(path.join(folder, "lock"))
  if (!unlock) {
    const other = await running(folder)
    const where = other ? ` by process ${other.pid}, at ${other.url}` : ""
    throw new TakenError(`${folder} is in use${where}. Stop that one first, or set REMOTE_SWE_HOME to another folder.`)
  }
  const mark = path.join(folder, "running.json")
  return {
    /** The last process that had it was killed. */
    unclean: (await running(folder)) !== undefined,
    announce: (info: Running) => replace(mark, JSON.stringify(info)),
    async release() {
      await rm(mark, { force: true })
      await unlock()
    },
  }
}

/** Who has the folder, or had it when it was killed. */
export async function running(folder: string): Promise<Running | undefined> {
  const text = await readFile(path.join(folder, "running.json"), "utf8").catch(ignoreMissing)
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Running), text)
  return parsed.success ? parsed.output : undefined
}

/** The API key that is kept in the folder; undefined before the first start. */
export async function apiKey(folder: string) {
  const text = await readFile(path.join(folder, "api-key"), "utf8").catch(ignoreMissing)
  return text?.trim() || undefined
}

/** A secret that only the owner can read, made on first use. */
export async function secret(folder: string, name: string, prefix = "") {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const found = (await readFile(file, "utf8").catch(ignoreMissing))?.trim()
  if (found) {
    await chmod(file, 0o600)
    return found
  }
  const made = `${prefix}${randomBytes(32).toString("base64url")}`
  await replace(file, `${made}\n`)
  return made
}

async function replace(file: string, text: string) {
  const draft = `${file}.draft`
  const handle = await open(draft, "w", 0o600)
  await writeFile(handle, text)
  await handle.close()
  await rename(draft, file)
}

export function ignoreMissing(error: unknown) {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
  throw error
}
