import type { Artifact, SavedFolder, SavedRepository } from "@remote-swe/core/log/schema"
import type { Diff } from "@remote-swe/core/protocol/schema"
import type { Left } from "./bound.ts"
import type { Stranger } from "./unit.ts"

/** The repositories of a session, on this machine. */
export interface Workspace {
  readonly repositories: readonly Repository[]
  /** Clones `source` (`owner/name`, a URL, a local path) and checks out the session's branch. */
  clone(source: string, signal: AbortSignal): Promise<Repository>
  /** The session's changes: from each repository's base to its work tree, untracked files included. */
  diff(): Promise<Diff>
  /**
   * Saves commits, index, uncommitted and untracked (not ignored) files: uploads what is new since the last
   * time, and calls `append` unless that is nothing. It counts as saved when that has resolved. Tells what
   * was left out, or could not be saved.
   */
  save(append: (saved: Saved) => Promise<unknown>, options: SaveOptions): Promise<Problem[]>
  /** Throws `VisibleError` with code `workspace.lost` where saved work cannot be brought back. */
  restore(saved: Pick<Saved, "repositories" | "folder">, signal: AbortSignal): Promise<void>
  /** Pushes the session's branch and opens or updates its pull request. */
  pullRequest(input: PullRequestInput, signal: AbortSignal): Promise<Published>
}

/** For the log. */
export interface Saved {
  repositories: SavedRepository[]
  /** What lies beside them. */
  folder?: SavedFolder | undefined
  size: number
}

export interface SaveOptions {
  signal: AbortSignal
  /** Leaves a repository for the next time that changes while it is looked at. */
  patient: boolean
}

/** `moved`: it was changed while it was looked at, and is left for the next time. */
export type Problem =
  | { name: string; type: "failed"; error: unknown }
  | { name: string; type: "moved" }
  | { name: string; type: "partial"; left: readonly Left[]; strangers: readonly Stranger[] }

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
