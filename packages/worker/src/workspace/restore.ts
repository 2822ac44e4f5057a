import { VisibleError } from "@remote-swe/core/error"
import type { Ref as File } from "@remote-swe/core/file/schema"
import { linksOf, type SavedFolder, type SavedRepository } from "@remote-swe/core/log/schema"
import { relative } from "node:path/posix"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Bundle } from "./bundle.ts"
import * as Folder from "./folder.ts"
import { fetch, remember, rememberTags, type Target } from "./clone.ts"
import { Git } from "./git.ts"
import { type Context, putBack } from "./put.ts"
import { folderOf, open, type Shadow } from "./shadow.ts"
import { State } from "./state.ts"
import { make, outermost, type Unit } from "./unit.ts"
import type { Repository } from "./workspace.ts"

export interface Options {
  sandbox: Sandbox
  get(file: File): Promise<Uint8Array>
  /** The gateway's addresses of the session's repositories: where their origins are. */
  addresses: readonly string[]
  signal: AbortSignal
}

export interface Restored {
  repository: Repository
  /** The commit that stands for the state. */
  commit: string | undefined
  /** Tags of their own. */
  tags: string[]
}

/** Clones anew and puts everything back. Throws `workspace.lost` where that cannot be done, and leaves nothing of it. */
export async function restore(options: Options, target: Target, entry: SavedRepository) {
  const { sandbox, signal } = options
  const clear = () => sandbox.run({ args: ["rm", "-rf", "--", target.path] })
  await clear()
  return cloned(options, target, entry).catch(async (error: unknown) => {
    await clear()
    signal.throwIfAborted()
    throw lost(entry, error)
  })
}

async function cloned(options: Options, target: Target, entry: SavedRepository): Promise<Restored> {
  const { sandbox, signal } = options
  await fetch(sandbox, target, ["--no-checkout"], signal)
  const unit = await outermost(sandbox, target.path)
  await rememberTags(sandbox, target.name, unit.git)
  const prefix = target.address.slice(0, target.address.lastIndexOf("/") + 1)
  const { state, ...rest } = await bring({ ...options, prefix, branch: target.branch }, unit, entry)
  const { name, source, path, branch } = target
  const repository = { name, source, path, branch, base: entry.base, baseCommit: state.base }
  await remember(unit.git, repository)
  return { repository, ...rest }
}

/** Puts back what lies in the session's folder; repositories are restored before. */
export async function restoreFolder(options: Options, repositories: readonly Repository[], saved: SavedFolder) {
  const { sandbox } = options
  const entry = Folder.entryOf(saved)
  const unit = await Folder.open(sandbox, repositories)
  const { commit, tags } = await bring({ ...options, prefix: "", branch: "" }, unit, entry).catch((error: unknown) => {
    options.signal.throwIfAborted()
    throw lost({ ...entry, name: "the session's folder", source: "this machine" }, error)
  })
  await Folder.finish(sandbox)
  return { commit, tags }
}

interface Bringing extends Options {
  /** The gateway's address up to the name of a repository. */
  prefix: string
  branch: string
}

/** Makes a fresh repository what was saved. */
async function bring(options: Bringing, unit: Unit, entry: SavedRepository) {
  const { sandbox, signal, prefix } = options
  const shadow = await unpack(options, unit, entry)
  const tree = await read(shadow, `${Bundle.ref}^{tree}`)
  const state = rename(await State.of(shadow, tree), entry.branch, options.branch)
  const inside = await Promise.all(
    state.inside.map(async (place, at) => {
      const subtree = await read(shadow, `${tree}:inside/${at}`)
      return { place, tree: subtree, state: await State.of(shadow, subtree) }
    }),
  )
  const context: Context = { sandbox, shadow, prefix, signal }
  await putBack(context, unit, tree, state)
  for (const { place, tree, state } of inside) await putBack(context, await begin(sandbox, unit, place), tree, state)
  const commit = entry.commit === undefined ? undefined : await read(shadow, `${entry.commit}^1`)
  return { state, commit, tags: await Bundle.tags(shadow) }
}

/** All links of the chain, in a new shadow of the clone. */
async function unpack({ sandbox, get, addresses, signal }: Options, unit: Unit, entry: SavedRepository) {
  await sandbox.run({ args: ["rm", "-rf", "--", folderOf(sandbox, entry.name)] })
  const shadow = await open(sandbox, entry.name, unit.format)
  const objects = [`${unit.gitdir}/objects`]
  await shadow.borrow(objects, [])
  for (const file of linksOf(entry)) {
    const bytes = await get(file)
    const needs = Bundle.needs(bytes)
    // What no branch leads to any more, or what is at the origin of a submodule, can often be had by its name.
    for (const address of addresses) {
      const known = new Set(await Bundle.present(shadow, needs))
      const missing = needs.filter((id) => !known.has(id))
      if (missing.length === 0) break
      await unit.git(["fetch", "-q", "--no-tags", "--no-write-fetch-head", address, ...missing], {
        codes: [1, 128],
        signal,
      })
    }
    await Bundle.unpack(sandbox, shadow, bytes, signal)
    const { cut } = await State.of(shadow, `${Bundle.ref}^{tree}`)
    await shadow.borrow(objects, cut)
  }
  return shadow
}

/** An empty repository inside another one, as a submodule where its git folder is elsewhere. */
async function begin(sandbox: Sandbox, parent: Unit, place: State.Info["inside"][number]): Promise<Unit> {
  const path = Git.text(place.path)
  const folder = `${parent.folder}/${path}`
  const gitdir = `${parent.folder}/${Git.text(place.gitdir)}`
  if (gitdir !== `${folder}/.git` && !gitdir.includes("/.git/modules/")) throw new Error("A git folder has no place")
  await sandbox.run({ args: ["mkdir", "-p", "--", folder, gitdir] })
  const git = Git.at(sandbox, folder, { GIT_DIR: gitdir, GIT_WORK_TREE: folder })
  await git(["init", "-q", "--template=", `--object-format=${parent.format}`])
  if (gitdir !== `${folder}/.git`) {
    await sandbox.writeFile(`${folder}/.git`, Buffer.from(`gitdir: ${relative(folder, gitdir)}\n`))
    await git(["config", "core.worktree", relative(gitdir, folder)])
  }
  return make(sandbox, { path, folder, gitdir, format: parent.format, git })
}

const read = async ({ git }: Shadow, name: string) => (await git(["rev-parse", "--verify", name])).text

/** The branch of another session, which this one is a copy of, becomes this one's. */
function rename(state: State.Info, from: string, to: string): State.Info {
  const [old, own] = [`refs/heads/${from}`, `refs/heads/${to}`]
  if (from === to || state.refs.some(({ ref }) => ref === own)) return state
  const renamed = (ref: string) => (ref === old ? own : ref)
  const prefix = `branch.${from}.`
  return {
    ...state,
    head: renamed(state.head),
    refs: state.refs.map((item) => ({ ...item, ref: renamed(item.ref), ...(item.to && { to: renamed(item.to) }) })),
    settings: state.settings.map(([key, value]) =>
      key.startsWith(prefix) ? [`branch.${to}.${key.slice(prefix.length)}`, value] : [key, value],
    ),
  }
}

export function lost(entry: SavedRepository, cause: unknown) {
  if (!(cause instanceof VisibleError)) return cause
  const files = linksOf(entry).map((file) => file.id)
  return new VisibleError(
    "conflict",
    "workspace.lost",
    `The saved work of ${entry.name} cannot be restored onto ${entry.source}. It is kept in the file${files.length > 1 ? "s" : ""} ${files.join(", ")}. ${cause.message}`,
    { cause },
  )
}
