import { VisibleError } from "@remote-swe/core/error"
import type { Gateway } from "../git/gateway.ts"
import { PullRequest } from "../git/pull-request.ts"
import { Remote } from "../git/remote.ts"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { commits } from "./diff.ts"
import { Git } from "./git.ts"
import type { Published, PullRequestInput, Repository } from "./workspace.ts"

const pushMs = 60 * 60_000

export interface Place {
  sandbox: Sandbox
  gateway: Gateway.Info
  serverURL: string
  apiURL: string
}

/** Pushes what is committed and opens or updates the pull request. */
export async function publish(
  place: Place,
  repository: Repository,
  input: PullRequestInput,
  signal: AbortSignal,
): Promise<Published> {
  const git = Git.at(place.sandbox, repository.path)
  const commit = await committed(git, repository)
  await git(["push", "-q", "--force-with-lease", "origin", `refs/heads/${repository.branch}`], {
    signal,
    timeoutMs: pushMs,
  })
  const remote = Remote.parse(repository.source, place.serverURL)
  const branch = { type: "branch", repository: Remote.label(remote), branch: repository.branch, commit } as const
  const origin = `refs/remotes/origin/${repository.base}`
  const fork = (await git(["merge-base", origin, commit], { codes: [1, 128] })).text || repository.baseCommit
  const diff = await commits(place.sandbox, repository, fork, commit)
  const draft = {
    title: input.title,
    body: input.body,
    draft: input.draft ?? false,
    branch: repository.branch,
    base: repository.base,
    commit,
  }
  const opened = await PullRequest.open(remote, { ...draft, diff: diff.patch }, { ...place.gateway, ...place, signal })
  if (!opened) return { branch, updated: false }
  const { host, number, url, updated } = opened
  const pullRequest = {
    type: "pull_request",
    repository: branch.repository,
    host,
    number,
    ...(url && { url }),
    title: draft.title,
    body: draft.body,
    branch: draft.branch,
    base: draft.base,
    commit,
    changes: diff.changes,
  } as const
  return { branch, pullRequest, updated }
}

/** The commit of the session's branch, if everything is committed there. */
async function committed(git: Git.Run, repository: Repository) {
  const { branch, baseCommit, name } = repository
  const open = Git.split((await git(["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"])).stdout)
  if (open.length > 0)
    throw new VisibleError(
      "input",
      "pull_request.uncommitted",
      `Commit your work in ${name} first, or discard what does not belong to it:\n${open.slice(0, 20).join("\n")}`,
    )
  const current = (await git(["symbolic-ref", "-q", "--short", "HEAD"], { codes: [1] })).text
  if (current !== branch)
    throw new VisibleError(
      "input",
      "pull_request.branch",
      `${name} has ${current || "no branch"} checked out. Only ${branch} can be pushed: bring your commits there first.`,
    )
  const commit = (await git(["rev-parse", "-q", "--verify", `refs/heads/${branch}`], { codes: [1] })).text
  const ahead = commit && (await git(["rev-list", "-n", "1", commit, "--not", ...(await known(git, baseCommit))])).text
  if (!ahead)
    throw new VisibleError(
      "input",
      "pull_request.empty",
      `There is no commit on ${branch} yet: there is nothing to propose.`,
    )
  return commit
}

/** The base, where it is a commit and not the empty tree. */
async function known(git: Git.Run, base: string) {
  const { code } = await git(["rev-parse", "-q", "--verify", `${base}^{commit}`], { codes: [1, 128] })
  return code === 0 ? [base] : []
}
