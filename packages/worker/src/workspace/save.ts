import { VisibleError } from "@remote-swe/core/error"
import { savedType, type Ref as File } from "@remote-swe/core/file/schema"
import { linksOf, type SavedRepository } from "@remote-swe/core/log/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Bound } from "./bound.ts"
import { Bundle } from "./bundle.ts"
import { type Captured, capture, type Plan } from "./capture.ts"
import { Chain } from "./chain.ts"
import { originTags } from "./clone.ts"
import type { Context, Memos } from "./keep.ts"
import { memo } from "./memo.ts"
import { folderOf, open, type Shadow } from "./shadow.ts"
import { State } from "./state.ts"
import type { Stranger, Unit } from "./unit.ts"
import type { Repository } from "./workspace.ts"

/** What is saved as one: a repository, or what is like one. */
export interface Source extends Omit<Repository, "path"> {
  /** Whether it is here. */
  exists(): Promise<boolean>
  open(): Promise<Unit>
}

/** What this process knows of how a repository was saved. */
export interface Memory {
  /** As the log has it. */
  entry: SavedRepository | undefined
  /** The commit that stands for the state that was saved. */
  commit: string | undefined
  /** Tags that the chain has brought. */
  tags: ReadonlySet<string>
  /** Commits that its last link has without their parents; undefined where nobody has looked. */
  cut: readonly string[] | undefined
  plan: Plan
  /** The first link of a new chain: what no link builds on any more is of no use. */
  untidy: { link: string; without: readonly string[] } | undefined
  /** Undefined until it is needed, and after something went wrong with it. */
  place: Place | undefined
  memos: Memos
  /** Repositories inside whose history is small enough. */
  small: Map<string, boolean>
}

export const remember = (
  limits: Bound.All,
  entry?: SavedRepository,
  commit?: string,
  tags: readonly string[] = [],
): Memory => ({
  entry,
  commit,
  tags: new Set(tags),
  cut: undefined,
  plan: everything(limits),
  untidy: undefined,
  place: undefined,
  memos: { modes: memo(), progress: memo() },
  small: new Map(),
})

const everything = (limits: Bound.Limits): Plan => ({ limits, inside: true, exact: false })

export interface Options {
  sandbox: Sandbox
  put(name: string, type: string, bytes: Uint8Array): Promise<File>
  limits: Bound.All
  /** Bytes that all repositories together may still have in the bucket, this one's left aside. */
  room: number
  /** Where the repository is being changed: whether to wait for another time. */
  patient: boolean
  signal: AbortSignal
}

/** What was left out, and what there is to write into the log: nothing, where nothing has changed. */
export interface Outcome {
  entry: SavedRepository | undefined
  /** It was changed while it was looked at. */
  moved: boolean
  left: readonly Bound.Left[]
  strangers: readonly Stranger[]
  /** To be called when it is in the log. */
  written(): void
}

const tries = 3

/** Saves a repository as a link of its chain, or as a new chain. */
export async function save(options: Options, source: Source, memory: Memory): Promise<Outcome> {
  const { sandbox, signal } = options
  for (let attempt = 1; ; attempt++) {
    const outcome = await once(options, source, memory).catch(failed)
    signal.throwIfAborted()
    if (!(outcome instanceof VisibleError)) return outcome
    memory.place = undefined
    memory.untidy = undefined
    memory.memos = { modes: memo(), progress: memo() }
    if (attempt === tries) throw outcome
    // A file may have gone while it was read. If it isn't that, the shadow may be damaged, and is made anew.
    if (attempt === tries - 1) await sandbox.run({ args: ["rm", "-rf", "--", folderOf(sandbox, source.name)] })
  }
}

function failed(error: unknown) {
  if (error instanceof VisibleError && error.code === "git.failed") return error
  throw error
}

interface Place {
  unit: Unit
  shadow: Shadow
}

async function begin(sandbox: Sandbox, source: Source): Promise<Place> {
  const unit = await source.open()
  return { unit, shadow: await open(sandbox, source.name, unit.format) }
}

async function tidy(shadow: Shadow, { link, without }: { link: string; without: readonly string[] }) {
  await shadow.tidy(await Bundle.contents(shadow, link, without))
}

/** What an earlier process saved, where it was here. */
async function savedBefore({ git }: Shadow, entry: SavedRepository | undefined) {
  if (!entry?.commit) return undefined
  return (await git(["rev-parse", "-q", "--verify", `${entry.commit}^1`], { codes: [1, 128] })).text || undefined
}

async function once(options: Options, source: Source, memory: Memory): Promise<Outcome> {
  const { sandbox, put } = options
  const place = memory.place ?? (await begin(sandbox, source))
  memory.place = place
  memory.commit ??= await savedBefore(place.shadow, memory.entry)
  if (memory.untidy) await tidy(place.shadow, memory.untidy)
  memory.untidy = undefined
  const context = await contextOf(options, source, memory, place)
  for (;;) {
    const captured = await steady(context, place.unit, memory.plan)
    const { left, strangers } = captured
    const moved = captured.moved && options.patient
    const none = { entry: undefined, moved, left, strangers, written: () => undefined }
    if (moved || captured.commit === memory.commit) return none
    const made = await bundle(options, source, memory, place, captured)
    if (!made) continue
    const file = await put(`${source.name}.bundle`, savedType, await sandbox.readFile(made.path))
    await sandbox.run({ args: ["rm", "-f", "--", made.path] })
    const { name, branch, base, baseCommit } = source
    const earlier = made.earlier.length > 0 && { earlier: made.earlier }
    const head = captured.head || baseCommit
    const entry = { name, source: source.source, branch, base, head, file, ...earlier, commit: made.link }
    const written = () => {
      memory.entry = entry
      memory.commit = captured.commit
      memory.tags = new Set(captured.tags)
      memory.cut = captured.cut
      // When nothing is left out any more, there is room for all again.
      if (left.length === 0 && memory.plan.inside) memory.plan = everything(options.limits)
      if (made.earlier.length === 0) memory.untidy = made
    }
    return { ...none, entry, written }
  }
}

/** A capture in which nothing moved, or the last of a few. */
async function steady(context: Context, unit: Unit, plan: Plan) {
  for (let attempt = 1; ; attempt++) {
    const captured = await capture(context, unit, plan)
    if (!captured.moved || attempt === tries) return captured
  }
}

async function contextOf(
  { sandbox, limits }: Options,
  source: Source,
  memory: Memory,
  { shadow }: Place,
): Promise<Context> {
  return {
    sandbox,
    shadow,
    base: source.baseCommit,
    limits,
    cloned: await originTags(sandbox, source.name),
    memos: memory.memos,
    async isSmall({ unit, refs, elsewhere }) {
      const known = memory.small.get(unit.path)
      if (known !== undefined) return known
      const small = (await Bundle.weigh(unit, refs.tips, elsewhere)) <= limits.history
      memory.small.set(unit.path, small)
      return small
    },
  }
}

/** Writes the link that `captured` takes. Undefined where it was too large: then less is to be captured. */
async function bundle(
  { sandbox, limits, room }: Options,
  source: Source,
  memory: Memory,
  { unit, shadow }: Place,
  captured: Captured,
) {
  const origin = await unit.git(["rev-parse", "-q", "--verify", `refs/remotes/origin/${source.base}^{commit}`], {
    codes: [1, 128],
  })
  const there = [source.baseCommit, ...(origin.code === 0 ? [origin.text] : []), ...captured.elsewhere]
  const without = await Bundle.present(shadow, there)
  const before = memory.entry?.commit
  const links = memory.entry ? linksOf(memory.entry) : []
  const how = Chain.decide({
    links: links.map(({ size }) => size),
    present: before !== undefined && (await canBuild(shadow, before, memory, captured)),
    whole: await Bundle.weigh(shadow, [captured.commit], without),
  })
  for (const chain of how === "link" && before ? [{ links, before }, { links: [] }] : [{ links: [] }]) {
    const own = chain.links.reduce((sum, { size }) => sum + size, 0)
    const space = Math.min(limits.link, room - own)
    const path = `${sandbox.tmp}/${source.name}.bundle`
    const link = await shadow.commit(captured.tree, [captured.commit, ...(chain.before ? [chain.before] : [])])
    const tags = captured.tags.filter((id) => !chain.before || !memory.tags.has(id))
    const known = [...without, ...(chain.before ? [chain.before] : [])]
    const size = await Bundle.create(sandbox, shadow, { path, commit: link, tags, without: known })
    if (size <= space) return { path, link, earlier: chain.links, without }
    if (chain.before) continue
    memory.plan = smaller(memory.plan, captured, { size, room: space }) ?? tooLarge(memory, limits, source.name, size)
  }
  return undefined
}

/** Whether the last link is here, and has all parents of which a next one would believe that they are there. */
async function canBuild(shadow: Shadow, before: string, memory: Memory, { cut }: Captured) {
  if ((await Bundle.present(shadow, [before])).length === 0) return false
  memory.cut ??= (await State.of(shadow, `${before}^{tree}`)).cut
  return memory.cut.every((id) => cut.includes(id))
}

/** Undefined where there is nothing left but what was committed. */
function smaller(plan: Plan, { fresh }: Captured, { size, room }: { size: number; room: number }): Plan | undefined {
  if (!plan.exact) return { ...plan, exact: true }
  const files = Bound.retry({ kept: fresh, size, room })
  if (files !== undefined) return { ...plan, limits: { ...plan.limits, files } }
  return plan.inside ? { ...plan, inside: false } : undefined
}

function tooLarge(memory: Memory, limits: Bound.All, name: string, size: number): never {
  memory.plan = everything(limits)
  throw new VisibleError(
    "large",
    "workspace.large",
    `The commits in ${name} alone have ${megabytes(size)}, which is more than there is room for. Take what is large out of them.`,
  )
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`
