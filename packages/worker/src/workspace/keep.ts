import { createHash } from "node:crypto"
import { relative } from "node:path/posix"
import type { Sandbox } from "../sandbox/sandbox.ts"
import type { Bound } from "./bound.ts"
import { Bundle } from "./bundle.ts"
import { Git } from "./git.ts"
import { duplicate, inspect, type Look, read, type Staged } from "./look.ts"
import type { Memo } from "./memo.ts"
import type { Setting } from "./setting.ts"
import type { Over, Shadow } from "./shadow.ts"
import { State } from "./state.ts"
import { type Unit, within } from "./unit.ts"

export interface Context {
  sandbox: Sandbox
  shadow: Shadow
  base: string
  limits: Bound.All
  /** Tags that the origin had when it was cloned, by their refs. */
  cloned: ReadonlyMap<string, string>
  memos: Memos
  /** Whether there is room for all of the history of a repository inside. */
  isSmall(seen: Seen): Promise<boolean>
}

/** What was found out before, by the paths of repositories. */
export interface Memos {
  modes: Memo<State.Info["modes"]>
  progress: Memo<Progress>
}

interface Progress {
  /** Files of git's folder. */
  tree: string | undefined
  /** Objects that they name. */
  ids: string[]
}

/** What is known of a repository before any of its files is read. */
export interface Seen {
  unit: Unit
  look: Look
  refs: State.Refs
  settings: Setting.Info[]
  shallow: string[]
  /** Commits that its origin has, where that is the origin of another repository of the session. */
  elsewhere: string[]
}

/** Of one repository: the tree that describes it, and the objects that this tree doesn't hold. */
export interface Kept {
  unit: Unit
  tree: string
  tips: string[]
  tags: string[]
}

export async function keep(
  context: Context,
  seen: Seen,
  isLeft: (path: string) => boolean,
  { inside, cut }: { inside: readonly Kept[]; cut: readonly string[] },
): Promise<Kept> {
  const { sandbox, shadow } = context
  const { unit, look, refs } = seen
  const isOut = (path: string) => isLeft(within(unit, path))
  const over = overOf(shadow, unit)
  const present = look.present.filter((path) => !isOut(path))
  const work = await over.record(present)
  const { staging, reset } = await withoutLarge(sandbox, unit, look, isOut)
  const progress = await inProgress(context, seen)
  const staged = [...look.staged].flatMap(([path, { id }]) => (reset.has(path) ? [] : (id ?? [])))
  const sides = staging.items.filter((item) => item.stage > 0).map((item) => item.id)
  const ids = [...staged, ...sides, ...staging.resolved, ...progress.ids, ...refs.others]
  const objects = await Bundle.typesOf(unit, ids)
  const known = new Set(staging.items.map(({ path }) => path))
  const state: State.Info = {
    ...described(context, seen),
    cut: [...cut],
    folders: look.folders,
    modes: await modesOf(context, unit, over, present),
    left: look.present.filter((path) => isOut(path) && known.has(path)),
    inside: inside.map((item) => ({
      path: Git.bytes(item.unit.path),
      gitdir: Git.bytes(relative(unit.folder, item.unit.gitdir)),
    })),
  }
  const parts = [
    `100644 blob ${await shadow.blob(JSON.stringify(state))}\tstate.json`,
    `040000 tree ${work}\twork`,
    `040000 tree ${await shadow.tree(entries(objects))}\tstaged`,
    ...(staging.bytes.length > 0 ? [`100644 blob ${await shadow.blob(staging.bytes)}\tindex`] : []),
    ...(progress.tree ? [`040000 tree ${progress.tree}\tgit`] : []),
    ...(inside.length > 0 ? [`040000 tree ${await shadow.tree(numbered(inside))}\tinside`] : []),
  ]
  const of = (type: string) => [...objects].flatMap(([id, kind]) => (kind === type ? id : []))
  return { unit, tree: await shadow.tree(parts), tips: [...refs.tips, ...of("commit")], tags: of("tag") }
}

export const overOf = (shadow: Shadow, unit: Unit) => shadow.over(unit.folder, nameOf(unit))

export const progressOf = (shadow: Shadow, unit: Unit) => shadow.over(unit.gitdir, `git-${nameOf(unit)}`)

/** Of its files in the shadow's folder. */
const nameOf = ({ path }: Unit) => (path === "" ? "" : createHash("sha256").update(path).digest("hex").slice(0, 16))

const numbered = (inside: readonly Kept[]) => inside.map(({ tree }, at) => `040000 tree ${tree}\t${at}`)

const entries = (objects: ReadonlyMap<string, string>) =>
  [...objects].toSorted().flatMap(([id, type]) => {
    if (type === "blob") return `100644 blob ${id}\t${id}`
    return type === "tree" ? `040000 tree ${id}\t${id}` : []
  })

function described({ base, cloned }: Context, { unit, refs, settings, shallow }: Seen) {
  const isTag = ({ ref }: State.Ref) => ref.startsWith("refs/tags/")
  const own = unit.path === "" ? cloned : new Map<string, string>()
  const tags = refs.refs.filter(isTag)
  const present = new Set(tags.map(({ ref }) => ref))
  return {
    version: 2 as const,
    base: unit.path === "" ? base : "",
    head: refs.head,
    refs: refs.refs.filter((ref) => !isTag(ref)),
    stashes: refs.stashes,
    files: {},
    tags: tags.filter(({ ref, commit }) => own.get(ref) !== commit).map(({ ref, commit }) => ({ ref, commit })),
    untagged: [...own.keys()].filter((ref) => !present.has(ref)),
    settings,
    shallow,
  }
}

/** The index, where what is staged and too large is as the last commit has it. */
async function withoutLarge(sandbox: Sandbox, unit: Unit, look: Look, isOut: (path: string) => boolean) {
  const out = [...look.staged].filter(([path]) => isOut(path))
  if (out.length === 0) return { staging: look.staging, reset: new Set<string>() }
  const large = await largeOf(unit, look, out)
  const copy = await duplicate(sandbox, unit, `${unit.gitdir}/index`)
  const lines = large.map(([path, { before }]) => (before ? `${before} 0\t${path}` : `0 ${"0".repeat(40)}\t${path}`))
  await unit.git(["update-index", "-z", "--index-info"], { input: Git.input(lines), env: { GIT_INDEX_FILE: copy } })
  return { staging: await read(sandbox, unit, copy), reset: new Set(large.map(([path]) => path)) }
}

/** What is staged may be small where only the file that lies there is large. */
async function largeOf(unit: Unit, look: Look, staged: [path: string, Staged][]) {
  const input = staged.map(([, { id }]) => `${id ?? ""}\n`).join("")
  const { text } = await unit.git(["cat-file", "--batch-check=%(objectsize)"], { input })
  const sizes = text.split("\n").map((line) => (/^\d+$/.test(line) ? Number(line) : 0))
  const bytes = new Map(look.candidates.map(({ path, size }) => [path, size]))
  return staged.filter(([path], at) => 2 * (sizes[at] ?? 0) > (bytes.get(path) ?? 0))
}

async function inProgress({ sandbox, shadow, memos }: Context, { unit, refs }: Seen): Promise<Progress> {
  const names = (await isWithout(unit, refs)) ? State.files.filter((name) => name !== State.soft) : State.files
  const files = await sandbox.inspect(unit.gitdir, names)
  const found = () => listProgress(shadow, unit, names)
  // Of a folder nobody knows whether a file in it has changed.
  return files.some(({ type }) => type === "directory") ? found() : memos.progress.of(unit.path, files, found)
}

/** Whether the soft file names a commit that is not saved: elsewhere it could not be put back. */
async function isWithout(unit: Unit, { tips }: State.Refs) {
  const commit = (await unit.read(State.soft)).trim()
  if (!commit) return false
  const input = [commit, ...tips.map((id) => `^${id}`)].map((line) => `${line}\n`).join("")
  const beyond = await unit.git(["rev-list", "--max-count=1", "--stdin", "--not", "--remotes=origin"], {
    input,
    codes: [128],
  })
  return beyond.code !== 0 || beyond.text !== ""
}

async function listProgress(shadow: Shadow, unit: Unit, names: readonly string[]): Promise<Progress> {
  const over = progressOf(shadow, unit)
  const listing = ["--literal-pathspecs", "ls-files", "--cached", "--others", "-z", "--", ...names]
  const paths = [...new Set(Git.names((await over.git(listing)).stdout))]
  if (paths.length === 0) return { tree: undefined, ids: [] }
  const tree = await over.record(paths)
  const texts = await Promise.all(paths.map(async (path) => State.named(path, await unit.read(Git.text(path)))))
  return { tree, ids: texts.flat() }
}

/** Git keeps whether a file is a program; permissions beyond that are looked at when any file has changed. */
async function modesOf({ sandbox, shadow, memos }: Context, unit: Unit, over: Over, paths: readonly string[]) {
  const own = [relative(shadow.folder, over.index), "info/attributes"]
  const [index, ordinary] = await sandbox.inspect(shadow.folder, own)
  return memos.modes.of(unit.path, [index], async () => {
    const usual = ordinary?.mode ?? 0o644
    const program = usual | ((usual & 0o444) >> 2)
    const found = await inspect(sandbox, unit.folder, paths)
    return paths.flatMap((path, at): State.Info["modes"] => {
      const entry = found[at]
      return entry?.type === "file" && entry.mode !== usual && entry.mode !== program ? [[path, entry.mode]] : []
    })
  })
}
