export * as Archive from "./archive.ts"
import type { Ref as File } from "@remote-swe/core/file/schema"
import { linksOf, type SavedFolder, type SavedRepository } from "@remote-swe/core/log/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import type { Bound } from "./bound.ts"
import * as Folder from "./folder.ts"
import type { Restored } from "./restore.ts"
import { type Memory, type Outcome, remember, save, type Source } from "./save.ts"
import { outermost } from "./unit.ts"
import type { Problem, Repository, Saved, SaveOptions } from "./workspace.ts"

/** What is saved of a session's repositories, and of its folder. */
export type Info = ReturnType<typeof create>

export interface Options {
  sandbox: Sandbox
  put(name: string, type: string, bytes: Uint8Array): Promise<File>
  repositories: readonly Repository[]
  limits: Bound.All
  /** Whether the repository is where it was cloned. */
  exists(repository: Repository): Promise<boolean>
}

type Append = (saved: Saved) => Promise<unknown>

export function create({ sandbox, put, repositories, limits, exists }: Options) {
  const memories = new Map<string, Memory>()
  let current = new AbortController().signal
  /** What it runs ends when the save in progress has to. */
  const bounded: Sandbox = {
    ...sandbox,
    async run(program, own) {
      current.throwIfAborted()
      return sandbox.run(program, own ? AbortSignal.any([own, current]) : current)
    },
  }
  let line: Promise<unknown> = Promise.resolve()

  /** What was removed stays as it was saved last. */
  const sources = (): Source[] => [
    ...repositories.map((repository) => ({
      ...repository,
      exists: () => exists(repository),
      open: () => outermost(bounded, repository.path),
    })),
    {
      ...{ name: Folder.name, source: "", branch: "", base: "", baseCommit: "" },
      exists: async () => memories.has(Folder.name) || !(await Folder.isEmpty(bounded, repositories)),
      async open() {
        const unit = await Folder.open(bounded, repositories)
        await Folder.finish(bounded)
        return unit
      },
    },
  ]

  async function one(source: Source, { signal, patient }: SaveOptions): Promise<Outcome | undefined> {
    if (!(await source.exists())) return undefined
    const memory = memories.get(source.name) ?? remember(limits)
    memories.set(source.name, memory)
    const others = [...memories].flatMap(([name, { entry }]) => (name !== source.name && entry ? entry : []))
    return save(
      { sandbox: bounded, put, limits, room: limits.session - bytesOf(others), patient, signal },
      source,
      memory,
    )
  }

  async function all(append: Append, options: SaveOptions) {
    current = options.signal
    const problems: Problem[] = []
    const fresh = new Map<string, Outcome>()
    for (const source of sources()) {
      const name = source.name === Folder.name ? "the session's folder" : source.name
      const outcome = await one(source, options).catch((error: unknown) => ({ error }))
      options.signal.throwIfAborted()
      if (!outcome) continue
      // One that cannot be saved keeps none of the others from it.
      if ("error" in outcome) problems.push({ name, type: "failed", error: outcome.error })
      else if (outcome.moved) problems.push({ name, type: "moved" })
      else problems.push({ name, type: "partial", left: outcome.left, strangers: outcome.strangers })
      if ("entry" in outcome && outcome.entry) fresh.set(source.name, outcome)
    }
    if (fresh.size === 0) return problems
    const entryOf = (name: string) => fresh.get(name)?.entry ?? memories.get(name)?.entry
    await append(
      described(
        repositories.flatMap(({ name }) => entryOf(name) ?? []),
        entryOf(Folder.name),
      ),
    )
    for (const outcome of fresh.values()) outcome.written()
    return problems
  }

  return {
    /** One after the other, however many are asked for. */
    save(append: Append, options: SaveOptions) {
      const result = line.then(() => all(append, options))
      line = result.catch(() => undefined)
      return result
    },
    /** The log says `entry` of what is here again. `restored`: from that, and not from what was left here. */
    know(entry: SavedRepository, restored: Pick<Restored, "commit" | "tags"> | undefined) {
      memories.set(entry.name, remember(limits, entry, restored?.commit, restored?.tags))
    },
  }
}

function described(repositories: SavedRepository[], entry: SavedRepository | undefined): Saved {
  if (!entry) return { repositories, size: bytesOf(repositories) }
  const { file, earlier, commit } = entry
  const folder: SavedFolder = { file, ...(earlier && { earlier }), ...(commit !== undefined && { commit }) }
  return { repositories, folder, size: bytesOf([...repositories, entry]) }
}

const bytesOf = (entries: readonly SavedRepository[]) =>
  entries.flatMap(linksOf).reduce((sum, { size }) => sum + size, 0)
