import type { Artifact, SavedRepository } from "@remote-swe/core/log/schema"
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
  /** Throws `VisibleError` with code `workspace.lost` where saved work cannot be brought back. */
  restore(repositories: readonly SavedRepository[], signal: AbortSignal): Promise<void>
  /** Pushes the session's branch and opens or updates its pull request. */
  pullRequest(input: PullRequestInput, signal: AbortSignal): Promise<Published>
}

export interface Repository {
  name: string
  source: string
  path: string
  /** The session's branch, the only one that can be pushed to. */
  branch: string
  /** The branch that it started from. */
  base: string
  /** The commit that it started from; the empty tree where there was none. */
  baseCommit: string
}

export interface PullRequestInput {
  /** The name of the repository; may be left out where there is one. */
  repository?: string | undefined
  title: string
  body: string
  draft?: boolean | undefined
}

export interface Published {
  branch: Extract<Artifact, { type: "branch" }>
  /** Absent where the repository has nothing to open one at. */
  pullRequest?: Extract<Artifact, { type: "pull_request" }>
  /** It existed before and was brought up to date. */
  updated: boolean
}
