import { VisibleError } from "@remote-swe/core/error"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"
import type { Repository } from "./workspace.ts"

const cloneMs = 60 * 60_000

export interface Target {
  name: string
  source: string
  path: string
  branch: string
  /** What git fetches from: the gateway's address. */
  address: string
}

/** Clones and checks out the session's branch, from where a lost machine may have pushed it. */
export async function clone(sandbox: Sandbox, target: Target, signal: AbortSignal): Promise<Repository> {
  const { name, source, path, branch } = target
  await fetch(sandbox, target, [], signal)
  const git = Git.at(sandbox, path)
  const base = await defaultBranch(git)
  const known = async (ref: string) => (await git(["rev-parse", "-q", "--verify", ref], { codes: [1] })).text
  const pushed = await known(`refs/remotes/origin/${branch}`)
  const start = pushed || (await known(`refs/remotes/origin/${base}`)) || (await known("HEAD"))
  await git(["checkout", "-q", "--no-track", "-B", branch, ...(start ? [start] : [])], { signal, timeoutMs: cloneMs })
  const origin = `refs/remotes/origin/${base}`
  const fork = pushed ? (await git(["merge-base", origin, "HEAD"], { codes: [1, 128] })).text : start
  const baseCommit = fork || (await emptyTree(git))
  await rememberTags(sandbox, name, git)
  await remember(git, { name, source, path, branch, base, baseCommit })
  return { name, source, path, branch, base, baseCommit }
}

/** A clone without a work tree yet, when `options` say so. Leaves nothing behind when it fails. */
export async function fetch(sandbox: Sandbox, target: Target, options: readonly string[], signal: AbortSignal) {
  const git = Git.at(sandbox, sandbox.root)
  await git(["clone", "-q", ...options, "--", target.address, target.path], { signal, timeoutMs: cloneMs }).catch(
    async (error: unknown) => {
      await sandbox.run({ args: ["rm", "-rf", "--", target.path] })
      if (error instanceof VisibleError && error.code === "git.failed")
        throw new VisibleError("conflict", "repository.clone", `${target.source} cannot be cloned. ${error.message}`)
      throw error
    },
  )
}

const tagsFile = (sandbox: Sandbox, name: string) => `${sandbox.home}/.remote-swe/${name}.tags`

/** Tags of a fresh clone, so that it is known later which of them were made in the session. */
export async function rememberTags(sandbox: Sandbox, name: string, git: Git.Run) {
  const { stdout } = await git(["for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"])
  await sandbox.writeFile(tagsFile(sandbox, name), stdout)
}

/** The objects of the tags that a clone began with, by their refs. */
export async function originTags(sandbox: Sandbox, name: string): Promise<ReadonlyMap<string, string>> {
  const path = tagsFile(sandbox, name)
  if ((await sandbox.stat(path)).type !== "file") return new Map()
  const lines = Buffer.from(await sandbox.readFile(path))
    .toString("latin1")
    .split("\n")
    .filter(Boolean)
  return new Map(lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]))
}

/** What a later process needs to know of a clone that is still there. */
export async function remember(git: Git.Run, repository: Repository) {
  const entries = { source: repository.source, base: repository.base, basecommit: repository.baseCommit }
  for (const [key, value] of Object.entries(entries)) await git(["config", `remote-swe.${key}`, value])
}

/** The clone that an earlier process of this session left at `path`, if it is one of `source`. */
export async function recall(sandbox: Sandbox, target: Target): Promise<Repository | undefined> {
  const { name, source, path, branch, address } = target
  if ((await sandbox.stat(`${path}/.git`)).type !== "directory") return undefined
  const git = Git.at(sandbox, path)
  const read = async (key: string) => (await git(["config", "--local", `remote-swe.${key}`], { codes: [1] })).text
  const [from, base, baseCommit] = [await read("source"), await read("base"), await read("basecommit")]
  // The last of these is written down last.
  if (from !== source || !base || !baseCommit) return undefined
  await git(["remote", "set-url", "origin", address])
  return { name, source, path, branch, base, baseCommit }
}

/** What the server says; else, where its HEAD names nothing, the first of its branches. */
async function defaultBranch(git: Git.Run) {
  const { text } = await git(["symbolic-ref", "-q", "--short", "HEAD"], { codes: [1] })
  const list = await git(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin"])
  const branches = list.text.split("\n").filter((name) => name !== "" && name !== "HEAD")
  if (text && (branches.includes(text) || branches.length === 0)) return text
  return branches.find((name) => name === "main" || name === "master") ?? branches[0] ?? "main"
}

/** Where there is no commit yet, everything is new. */
async function emptyTree(git: Git.Run) {
  return (await git(["hash-object", "-t", "tree", "-w", "--stdin"], { input: "" })).text
}
