export * as PullRequest from "./pull-request.ts"
import { VisibleError } from "@remote-swe/core/error"
import { execFile } from "node:child_process"
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import * as v from "valibot"
import type { Remote } from "./remote.ts"
import type { Credential } from "./upstream.ts"

export interface Draft {
  title: string
  body: string
  draft: boolean
  branch: string
  base: string
  commit: string
  /** For a record, which has no server that could make one. */
  diff: string
}

export interface Context {
  apiURL: string
  credential(url: string): Promise<Credential>
  signal: AbortSignal
}

export interface Opened {
  host: "github" | "record"
  number: number
  url?: string
  updated: boolean
}

/** Opens one, or updates the one that this branch has; undefined where there is nowhere to open it. */
export async function open(remote: Remote.Info, draft: Draft, context: Context): Promise<Opened | undefined> {
  if (remote.type === "local") return record(remote.path, draft)
  if (!remote.github) return undefined
  const { password, refusal } = await context.credential(remote.url)
  if (refusal) throw problem(refusal)
  return password ? github(remote.github, draft, password, context) : undefined
}

const timeoutMs = 30_000
const Answer = v.object({ number: v.number(), html_url: v.string() })
const Problem = v.object({
  message: v.string(),
  errors: v.optional(v.array(v.object({ message: v.optional(v.string()) }))),
})

async function github(slug: string, draft: Draft, token: string, context: Context): Promise<Opened> {
  const base = `${context.apiURL.replace(/\/+$/, "")}/repos/${slug}/pulls`
  const [owner = ""] = slug.split("/")
  const query = new URLSearchParams({ head: `${owner}:${draft.branch}`, base: draft.base, state: "open" })
  const { title, body } = draft
  const [found] = v.parse(v.array(Answer), await call("GET", `${base}?${query}`, undefined))
  const fresh = { title, body, head: draft.branch, base: draft.base, draft: draft.draft }
  const answer = found
    ? await call("PATCH", `${base}/${found.number}`, { title, body })
    : await call("POST", base, fresh)
  const { number, html_url } = v.parse(Answer, answer)
  return { host: "github", number, url: html_url, updated: found !== undefined }

  async function call(method: string, url: string, content: object | undefined): Promise<unknown> {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "remote-swe",
        "x-github-api-version": "2022-11-28",
        ...(content && { "content-type": "application/json" }),
      },
      ...(content && { body: JSON.stringify(content) }),
    }).catch((error: Error) => {
      context.signal.throwIfAborted()
      throw problem(`GitHub cannot be reached: ${error.message}`, error)
    })
    if (response.ok) return response.json()
    const said = v.safeParse(Problem, await response.json().catch(() => undefined))
    const words = said.success ? [said.output.message, ...(said.output.errors ?? []).map((item) => item.message)] : []
    throw problem(`GitHub refused the pull request (HTTP ${response.status}): ${words.filter(Boolean).join("; ")}`)
  }
}

const problem = (message: string, cause?: unknown) =>
  new VisibleError("conflict", "pull_request.failed", message, { cause })

const Record = v.looseObject({ branch: v.string() })

/** Beside a repository that has no GitHub, a pull request is a file in its git folder. */
async function record(path: string, draft: Draft): Promise<Opened> {
  const { stdout } = await promisify(execFile)("git", ["-C", path, "rev-parse", "--absolute-git-dir"])
  const folder = join(stdout.trim(), "remote-swe", "pull-request")
  await mkdir(folder, { recursive: true })
  const numbers = (await readdir(folder)).flatMap((name) =>
    /^[1-9]\d*\.json$/.test(name) ? [Number.parseInt(name)] : [],
  )
  const { title, body, branch, base, commit, diff } = draft
  const text = `${JSON.stringify({ title, body, branch, base, commit, diff }, null, 2)}\n`
  for (const number of numbers) {
    const file = join(folder, `${number}.json`)
    if (v.parse(Record, JSON.parse(await readFile(file, "utf8"))).branch !== branch) continue
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    return { host: "record", number, updated: true }
  }
  return { host: "record", number: await add(folder, Math.max(0, ...numbers) + 1, text), updated: false }
}

/** Two sessions may count to the same number: whoever comes second takes the next one. */
async function add(folder: string, number: number, text: string): Promise<number> {
  const taken = await writeFile(join(folder, `${number}.json`), text, { flag: "wx" }).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return true
      throw error
    },
  )
  return taken ? add(folder, number + 1, text) : number
}
