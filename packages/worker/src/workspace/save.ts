import { VisibleError } from "@remote-swe/core/error"
import { limits } from "@remote-swe/core/file/schema"
import type { SavedRepository } from "@remote-swe/core/log/schema"
import { createHash } from "node:crypto"
import * as v from "valibot"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { fetch, remember, type Target } from "./clone.ts"
import { Git } from "./git.ts"
import { type Shadow, shadow } from "./shadow.ts"
import type { Repository } from "./workspace.ts"

/**
 * A repository's state as one commit, in one incremental bundle: its parents are the branches (and
 * what else is to be kept), its tree has the work tree byte for byte, the index as it is, what only
 * the index refers to, and a description. Not kept: ignored files, empty folders, tags, settings of
 * the repository, the work trees of submodules, and a rebase in progress.
 */
const State = v.object({
  version: v.literal(1),
  base: v.string(),
  /** A ref, or a commit where HEAD is detached. */
  head: v.string(),
  /** `upstream`: the branch of `origin` that it follows. */
  refs: v.array(v.object({ ref: v.string(), commit: v.string(), upstream: v.optional(v.string()) })),
  stashes: v.array(v.object({ commit: v.string(), message: v.string() })),
  /** Small files of the git folder: a merge or a pick in progress. */
  files: v.record(v.string(), v.string()),
})
type State = v.InferOutput<typeof State>

const progress = ["MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD"]
const ref = "refs/remote-swe/save"

export interface Captured {
  /** Equal for equal states. */
  key: string
  /** The commit that is checked out; the base where there is none. */
  head: string
  bundle(): Promise<Uint8Array>
}

export async function capture(sandbox: Sandbox, repository: Repository): Promise<Captured> {
  const git = Git.at(sandbox, repository.path)
  const kept = await shadow(sandbox, repository)
  const state = await describe(sandbox, git, repository)
  const work = await kept.record(await present(git))
  const index = (await git(["ls-files", "-s", "-v", "-z"])).stdout
  const key = createHash("sha256")
    .update(JSON.stringify([state, work]))
    .update(index)
    .digest("hex")
  const commit = (await git(["rev-parse", "-q", "--verify", "HEAD"], { codes: [1] })).text
  const head = commit || repository.baseCommit
  return { key, head, bundle: () => bundle(sandbox, git, kept, repository, state, work) }
}

/** Every file of the work tree that is tracked, or neither tracked nor ignored. */
async function present(git: Git.Run) {
  const tracked = Git.split((await git(["ls-files", "-s", "-z"])).stdout)
    .filter((line) => !line.startsWith("160000 "))
    .map((line) => line.slice(line.indexOf("\t") + 1))
  const gone = new Set(Git.split((await git(["diff-files", "--name-only", "--diff-filter=D", "-z"])).stdout))
  const others = Git.split((await git(["ls-files", "--others", "--exclude-standard", "-z"])).stdout)
  // A name that ends in a slash is a repository inside this one.
  return [...new Set([...tracked.filter((path) => !gone.has(path)), ...others.filter((path) => !path.endsWith("/"))])]
}

async function describe(sandbox: Sandbox, git: Git.Run, repository: Repository): Promise<State> {
  const symbolic = (await git(["symbolic-ref", "-q", "HEAD"], { codes: [1] })).text
  const head = symbolic || (await git(["rev-parse", "HEAD"])).text
  const format = "%(objectname) %(refname) %(upstream:remotename) %(upstream:remoteref)"
  const list = (await git(["for-each-ref", `--format=${format}`, "refs/heads"])).text
  const refs = list.split("\n").flatMap((line) => {
    const [commit = "", name = "", remote, upstream] = line.split(" ")
    return name ? [{ ref: name, commit, ...(remote === "origin" && upstream && { upstream }) }] : []
  })
  const log = await git(["log", "-g", "--format=%H%x00%gs%x00", "refs/stash", "--"], { codes: [128] })
  const fields = Git.split(log.stdout).map((field) => field.trim())
  const stashes = fields.flatMap((commit, at) => (at % 2 === 0 ? [{ commit, message: fields[at + 1] ?? "" }] : []))
  const files: State["files"] = {}
  for (const name of progress) {
    const path = `${repository.path}/.git/${name}`
    if ((await sandbox.stat(path)).type === "file") files[name] = Buffer.from(await sandbox.readFile(path)).toString()
  }
  return { version: 1, base: repository.baseCommit, head, refs, stashes, files }
}

async function bundle(
  sandbox: Sandbox,
  git: Git.Run,
  kept: Shadow,
  repository: Repository,
  state: State,
  work: string,
): Promise<Uint8Array> {
  const entries = [
    `100644 blob ${await kept.blob(JSON.stringify(state))}\tstate.json`,
    `040000 tree ${work}\twork`,
    `040000 tree ${await kept.tree((await staged(git)).map((id) => `100644 blob ${id}\t${id}`))}\tstaged`,
  ]
  const index = `${repository.path}/.git/index`
  if ((await sandbox.stat(index)).type === "file") entries.push(`100644 blob ${await kept.file(index)}\tindex`)
  const others = Object.entries(state.files).flatMap(
    ([name, text]) => (name.endsWith("_HEAD") ? text.match(/[\da-f]{40,64}/g) : null) ?? [],
  )
  const detached = state.head.startsWith("refs/") ? [] : [state.head]
  const tips = [
    ...state.refs.map((item) => item.commit),
    ...state.stashes.map((item) => item.commit),
    ...others,
    ...detached,
  ]
  const commit = await kept.commit(await kept.tree(entries), [...new Set(tips)])
  await kept.git(["update-ref", ref, commit])
  const known = [repository.baseCommit, `refs/remotes/origin/${repository.base}`]
  const ids = await git(["rev-parse", "-q", "--verify", ...known.slice(0, 1).map((name) => `${name}^{commit}`)], {
    codes: [1, 128],
  })
  const origin = await git(["rev-parse", "-q", "--verify", `${known[1]}^{commit}`], { codes: [1, 128] })
  const without = [ids, origin].flatMap((result) => (result.code === 0 ? [result.text] : []))
  const path = `${sandbox.tmp}/${repository.name}.bundle`
  await kept.git(["bundle", "create", "-q", path, ref, ...(without.length > 0 ? ["--not", ...without] : [])])
  const { size } = await sandbox.stat(path)
  if (size > limits.bytes)
    throw new VisibleError(
      "large",
      "workspace.large",
      `The work in ${repository.name} cannot be saved: it has ${Math.round(size / 1024 / 1024)} MB, and ${limits.bytes / 1024 / 1024} MB is the limit. Ignore or remove what can be made again.`,
    )
  const bytes = await sandbox.readFile(path)
  await sandbox.run({ args: ["rm", "-f", "--", path] })
  return bytes
}

/** Objects that only the index refers to: what is staged, and the sides of a conflict. */
async function staged(git: Git.Run) {
  const empty = (await git(["hash-object", "-t", "tree", "--stdin"], { input: "" })).text
  const head = (await git(["rev-parse", "-q", "--verify", "HEAD"], { codes: [1] })).text || empty
  const changed = Git.split(
    (await git(["diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", head])).stdout,
  )
  const conflicts = Git.split((await git(["ls-files", "-u", "-z"])).stdout)
  const ids = [
    ...changed.map((field) => /^:\d+ (?!160000|000000)\d+ [\da-f]+ ([\da-f]+) /.exec(field)?.[1]),
    ...conflicts.map((field) => /^(?!160000)\d+ ([\da-f]+) /.exec(field)?.[1]),
  ]
  return [...new Set(ids.filter((id) => id !== undefined && !/^0+$/.test(id)))].sort()
}

/** Clones anew and puts everything back. */
export async function restore(
  sandbox: Sandbox,
  target: Target,
  entry: SavedRepository,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Repository> {
  await sandbox.run({ args: ["rm", "-rf", "--", target.path] })
  await fetch(sandbox, target, ["--no-checkout"], signal).catch((error: unknown) => {
    throw lost(entry, error)
  })
  const git = Git.at(sandbox, target.path)
  const path = `${sandbox.tmp}/${entry.name}.bundle`
  await sandbox.writeFile(path, bytes)
  await git(["fetch", "-q", "--no-tags", "--no-write-fetch-head", path, `${ref}:${ref}`], { signal }).catch(
    async (error: unknown) => {
      await sandbox.run({ args: ["rm", "-rf", "--", target.path, path] })
      throw lost(entry, error)
    },
  )
  await sandbox.run({ args: ["rm", "-f", "--", path] })
  const state = v.parse(State, JSON.parse((await git(["cat-file", "blob", `${ref}:state.json`])).text))
  const { name, source, branch } = target
  const repository = { name, source, path: target.path, branch, base: entry.base, baseCommit: state.base }
  await putRefs(git, state)
  const kept = await shadow(sandbox, repository)
  await kept.checkOut((await git(["rev-parse", `${ref}:work`])).text)
  await putIndex(sandbox, git, repository, state)
  await git(["update-ref", "-d", ref])
  await remember(git, repository)
  return repository
}

async function putRefs(git: Git.Run, state: State) {
  const list = (await git(["for-each-ref", "--format=%(refname)", "refs/heads"])).text.split("\n").filter(Boolean)
  const wanted = new Set(state.refs.map((item) => item.ref))
  const commands = [
    ...list.filter((name) => !wanted.has(name)).map((name) => `delete ${name}`),
    ...state.refs.map((item) => `update ${item.ref} ${item.commit}`),
  ]
  await git(["update-ref", "--stdin"], { input: commands.map((command) => `${command}\n`).join("") })
  for (const { ref, upstream } of state.refs) {
    const section = `branch.${ref.slice("refs/heads/".length)}`
    // The clone has made the server's default branch follow it.
    await git(["config", "--remove-section", section], { codes: [128] })
    if (!upstream) continue
    await git(["config", `${section}.remote`, "origin"])
    await git(["config", `${section}.merge`, upstream])
  }
  if (state.head.startsWith("refs/")) await git(["symbolic-ref", "HEAD", state.head])
  else await git(["update-ref", "--no-deref", "HEAD", state.head])
  for (const { commit, message } of state.stashes.toReversed())
    await git(["stash", "store", "-q", "-m", message || "stash", commit])
}

async function putIndex(sandbox: Sandbox, git: Git.Run, repository: Repository, state: State) {
  for (const [name, text] of Object.entries(state.files)) {
    if (progress.includes(name)) await sandbox.writeFile(`${repository.path}/.git/${name}`, Buffer.from(text))
  }
  const index = await git(["cat-file", "blob", `${ref}:index`], { codes: [128] })
  if (index.code !== 0) return
  await sandbox.writeFile(`${repository.path}/.git/index`, index.stdout)
  // It knows the old machine's files; those that differ are told by the exit code.
  await git(["update-index", "-q", "--refresh"], { codes: [1] })
}

export function lost(entry: SavedRepository, cause: unknown) {
  if (!(cause instanceof VisibleError)) return cause
  return new VisibleError(
    "conflict",
    "workspace.lost",
    `The saved work of ${entry.name} cannot be restored onto ${entry.source}. It is kept in the file ${entry.file.id}. ${cause.message}`,
    { cause },
  )
}
