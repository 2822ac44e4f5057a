export * as Archive from "./archive.ts"
import type { Ref as File } from "@remote-swe/core/file/schema"
import { linksOf, type SavedRepository } from "@remote-swe/core/log/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import type { Bound } from "./bound.ts"
import type { Restored } from "./restore.ts"
import { type Memory, type Outcome, remember, save } from "./save.ts"
import type { Problem, Repository, Saved, SaveOptions } from "./workspace.ts"

/** What is saved of all repositories of a session. */
export type Info = ReturnType<typeof create>

export interface Options {
  sandbox: Sandbox
  put(name: string, type: string, bytes: Uint8Array): Promise<File>
  repositories: readonly Repository[]
  limits: Bound.All
  /** Whether the repository is where it was cloned. */
  exists(repository: Repository): Promise<boolean>
}

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

  const entryOf = (name: string) => memories.get(name)?.entry

  async function one(repository: Repository, { signal, patient }: SaveOptions) {
    const { name } = repository
    const memory = memories.get(name) ?? remember(limits)
    memories.set(name, memory)
    const others = repositories.filter((other) => other.name !== name).flatMap((other) => entryOf(other.name) ?? [])
    const room = limits.session - bytesOf(others)
    const options = { sandbox: bounded, put, limits, room, patient, signal }
    return save(options, repository, memory).catch((error: unknown) => {
      signal.throwIfAborted()
      return { error }
    })
  }

  async function all(append: (saved: Saved) => Promise<unknown>, options: SaveOptions) {
    current = options.signal
    const problems: Problem[] = []
    const fresh = new Map<string, Outcome>()
    for (const repository of repositories) {
      // What was removed stays as it was saved last.
      if (!(await exists(repository))) continue
      const { name } = repository
      const outcome = await one(repository, options)
      if ("error" in outcome) problems.push({ name, type: "failed", error: outcome.error })
      else if (outcome.moved) problems.push({ name, type: "moved" })
      else problems.push({ name, type: "partial", left: outcome.left, strangers: outcome.strangers })
      if ("entry" in outcome && outcome.entry) fresh.set(name, outcome)
    }
    if (fresh.size === 0) return problems
    const entries = repositories.flatMap(({ name }) => fresh.get(name)?.entry ?? entryOf(name) ?? [])
    await append({ repositories: entries, size: bytesOf(entries) })
    for (const outcome of fresh.values()) await outcome.written()
    return problems
  }

  return {
    /** One after the other, however many are asked for. */
    save(append: (saved: Saved) => Promise<unknown>, options: SaveOptions) {
      const result = line.then(() => all(append, options))
      line = result.catch(() => undefined)
      return result
    },
    /** The log says `entry` of a repository that is here again. `restored`: from that, and not from what was left here. */
    know(entry: SavedRepository, restored: Pick<Restored, "commit" | "tags"> | undefined) {
      memories.set(entry.name, remember(limits, entry, restored?.commit, restored?.tags))
    },
  }
}

const bytesOf = (entries: readonly SavedRepository[]) =>
  entries.flatMap(linksOf).reduce((sum, { size }) => sum + size, 0)
