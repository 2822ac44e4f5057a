import type { SavedRepository } from "@remote-swe/core/log/schema"
import type { Diff } from "@remote-swe/core/protocol/schema"

/** The repositories of a session, on this machine. */
export interface Workspace {
  readonly repositories: readonly Repository[]
  /** Clones `source` (`owner/name`, a URL, a local path) and checks out the session's branch. */
  clone(source: string, signal: AbortSignal): Promise<Repository>
  /** The session's changes: from each repository's base to its work tree, untracked files included. */
  diff(): Promise<Diff>
  /** Saves commits, index, uncommitted and untracked (not ignored) files; undefined if nothing changed since the last time. */
  save(): Promise<{ repositories: SavedRepository[]; size: number } | undefined>
  restore(repositories: readonly SavedRepository[], signal: AbortSignal): Promise<void>
}

export interface Repository {
  name: string
  source: string
  path: string
  /** The session's branch, the only one that can be pushed to. */
  branch: string
  /** The branch that it started from. */
  base: string
  /** The commit that it started from. */
  baseCommit: string
}
