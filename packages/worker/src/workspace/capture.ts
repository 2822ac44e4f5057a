import type { Sandbox } from "../sandbox/sandbox.ts"
import { Bound } from "./bound.ts"
import { Bundle } from "./bundle.ts"
import { Git } from "./git.ts"
import { type Context, keep, overOf, type Seen } from "./keep.ts"
import { inspect, look, read } from "./look.ts"
import { Setting } from "./setting.ts"
import type { Shadow } from "./shadow.ts"
import { State } from "./state.ts"
import { inside, isStranger, linked, type Stranger, type Unit, within } from "./unit.ts"

/**
 * A repository's state as one commit, and always as the same commit for the same state. Its parents are the
 * branches and what else is to be kept; its tree has
 *
 *     state.json   a description (state.ts)
 *     work/        the files as they lie in the work tree, byte for byte
 *     staged/      objects that only the index, or something in progress, refers to
 *     index        the index
 *     git/         small files of git's own folder: a merge, a rebase, a bisection in progress
 *     inside/0 …   the same of each repository inside this one
 */
export interface Captured {
  commit: string
  tree: string
  /** Tags of their own, which a commit cannot have for parents. */
  tags: string[]
  /** Commits that other repositories of the session have at their origins. */
  elsewhere: string[]
  /** The commit that is checked out; empty where there is none. */
  head: string
  /** Bytes of files that no commit has. */
  fresh: number
  left: Bound.Left[]
  strangers: Stranger[]
  /** Commits that are saved without their parents. */
  cut: string[]
  /** Whether the repository was changed while it was looked at. */
  moved: boolean
}

export interface Plan {
  limits: Bound.Limits
  /** Whether repositories inside this one are saved. */
  inside: boolean
  /** Whether files count as new that differ from what is staged by nothing but how git reads them. */
  exact: boolean
}

export async function capture(context: Context, outermost: Unit, plan: Plan): Promise<Captured> {
  const { seen, strangers } = await survey(context, outermost, plan)
  const cut = await borrow(context.shadow, seen)
  const own = await Promise.all(seen.map((item) => (plan.exact ? exact(context, item) : item.look.candidates)))
  const candidates = seen.flatMap(({ unit }, at) => own[at]?.map((item) => placed(unit, item)) ?? [])
  const left = Bound.fit(await certain(seen, candidates, plan.limits), plan.limits)
  const isLeft = Bound.isLeft(left)
  const [first, ...others] = seen
  if (!first) throw new Error("There is no repository to save")
  const kept = []
  for (const item of others) kept.push(await keep(context, item, isLeft, { inside: [], cut: [] }))
  const all = [...kept, await keep(context, first, isLeft, { inside: kept, cut })]
  const tips = new Set(all.flatMap((item) => item.tips))
  const tree = all.at(-1)?.tree ?? ""
  return {
    commit: await context.shadow.commit(tree, [...tips].toSorted()),
    tree,
    tags: [...new Set(all.flatMap((item) => item.tags))].toSorted(),
    elsewhere: seen.flatMap((item) => item.elsewhere),
    head: first.look.head,
    fresh: candidates.reduce((sum, { path, size }) => sum + (isLeft(path) ? 0 : size), 0),
    left,
    strangers,
    cut,
    moved: !(await isStill(context.sandbox, seen)),
  }
}

const placed = (unit: Unit, { folder, ...item }: Bound.Candidate): Bound.Candidate => ({
  ...item,
  path: within(unit, item.path),
  ...(folder !== undefined && { folder: within(unit, folder) }),
})

/** Looks at a repository, and at those inside it. */
async function survey(context: Context, outermost: Unit, plan: Plan) {
  const seen: Seen[] = []
  const strangers: Stranger[] = []
  const queue = [outermost]
  for (let unit = queue.shift(); unit; unit = queue.shift()) {
    const parent = unit
    const item = await see(context, unit)
    if (unit !== outermost && !(await context.isSmall(item))) {
      strangers.push({ path: unit.path, why: "large" })
      continue
    }
    seen.push(item)
    const found = await Promise.all(item.look.inside.map((name) => inside(context.sandbox, parent, name)))
    for (const next of found.filter((next) => next !== undefined)) {
      // Other work trees are told of by the repository that they belong to.
      if (isStranger(next)) strangers.push(...(next.why === "worktree" ? [] : [next]))
      else if (!plan.inside) strangers.push({ path: next.path, why: "large" })
      else if (seen.length + queue.length > context.limits.inside) strangers.push({ path: next.path, why: "many" })
      else queue.push(next)
    }
    strangers.push(...(await linked(context.sandbox, unit)))
  }
  const known = new Map(strangers.map((stranger) => [stranger.path, stranger]))
  return { seen, strangers: [...known.values()] }
}

async function see({ sandbox, cloned }: Context, unit: Unit): Promise<Seen> {
  const [found, settings, shallow] = await Promise.all([
    look(sandbox, unit),
    State.settings(unit),
    unit.read("shallow").then((text) => text.split("\n").filter(Boolean)),
  ])
  // What has its origin at the gateway gets from there what the origin has.
  const away = settings.some(([key, value]) => key === "remote.origin.url" && Setting.isAtGateway(value))
  const isOutermost = unit.path === ""
  const remotes = isOutermost ? "none" : away ? "first" : "all"
  const refs = await State.refs(unit, { remotes, cloned: isOutermost ? cloned : new Map() })
  const list = away ? await unit.git(["for-each-ref", "--format=%(objectname)", "refs/remotes/origin"]) : undefined
  return { unit, look: found, refs, settings, shallow, elsewhere: list?.text.split("\n").filter(Boolean) ?? [] }
}

/** Makes the objects of all of them the shadow's, too. */
async function borrow(shadow: Shadow, seen: readonly Seen[]) {
  const objects = seen.map(({ unit }) => `${unit.gitdir}/objects`)
  const ids = seen.flatMap((item) => item.shallow)
  const cut = await Bundle.cut(shadow, objects, ids)
  await shadow.borrow(objects, cut)
  return cut
}

/** With files that lie in the work tree in another form than git keeps them in, as large files may. */
async function exact({ sandbox, shadow }: Context, { unit, look }: Seen): Promise<Bound.Candidate[]> {
  const over = overOf(shadow, unit)
  await over.record(look.present)
  const staged = new Map(look.staging.items.map(({ path, id }) => [path, id]))
  const known = new Set(look.candidates.map(({ path }) => path))
  const lines = Git.names((await over.git(["ls-files", "-s", "-z"])).stdout)
  const paths = lines.flatMap((line) => {
    const [, id, path = ""] = /^\d+ (\S+) \d\t(.*)$/s.exec(line) ?? []
    return staged.has(path) && staged.get(path) !== id && !known.has(path) ? path : []
  })
  const entries = await inspect(sandbox, unit.folder, paths)
  const others = paths.map((path, at) => ({ path, size: entries[at]?.size ?? 0, kind: "changed" as const }))
  return [...look.candidates, ...others]
}

/** A file may look changed by its times alone: where that would leave one out, its content decides. */
async function certain(seen: readonly Seen[], candidates: readonly Bound.Candidate[], limits: Bound.Limits) {
  const isLeft = Bound.isLeft(Bound.fit(candidates, limits))
  if (!candidates.some(({ path, kind }) => kind === "changed" && isLeft(path))) return candidates
  const changed = new Set<string>()
  // Those that were found so have another content for certain.
  const known = new Set(seen.flatMap(({ unit, look }) => look.candidates.map((item) => within(unit, item.path))))
  for (const { path } of candidates) if (!known.has(path)) changed.add(path)
  for (const { unit, look } of seen) {
    const options = ["--name-only", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all", "-z"]
    const differs = Git.names((await unit.git(["diff", ...options])).stdout)
    for (const path of [...differs, ...look.staged.keys()]) changed.add(within(unit, path))
  }
  return candidates.filter(({ path, kind }) => kind === "new" || changed.has(path))
}

/** Whether git knows of all of them what it knew before: files alone may change at any time. */
async function isStill(sandbox: Sandbox, seen: readonly Seen[]) {
  const checks = seen.map(async ({ unit, look, refs }) => {
    const [now, staging] = await Promise.all([
      State.refs(unit, { remotes: "all", cloned: new Map() }),
      read(sandbox, unit, `${unit.gitdir}/index`),
    ])
    const known = new Map(now.refs.map((item) => [item.ref, item.commit]))
    return (
      now.head === refs.head &&
      refs.refs.every(({ ref, commit }) => known.get(ref) === commit) &&
      now.stashes.length === refs.stashes.length &&
      staging.bytes.equals(look.staging.bytes)
    )
  })
  return (await Promise.all(checks)).every(Boolean)
}
