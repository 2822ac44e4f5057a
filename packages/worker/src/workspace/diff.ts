import type { Change } from "@remote-swe/core/log/schema"
import { type Diff, diffLimit } from "@remote-swe/core/protocol/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"
import type { Repository } from "./workspace.ts"

type Item = Diff["repositories"][number]

/** Files that are listed one by one. */
const changeLimit = 1_000
const options = ["--no-ext-diff", "--no-textconv", "--no-color", "-M", "-l2000"]

/** From the base to the work tree, untracked files included, in an index of our own. */
export async function worktree(sandbox: Sandbox, repository: Repository): Promise<Item> {
  const git = Git.at(sandbox, repository.path)
  const index = `${sandbox.tmp}/diff-${repository.name}.index`
  const env = { GIT_INDEX_FILE: index }
  // Its own copy of the index, so that new files can be marked without touching what is staged. Its time
  // is kept: by that git knows which files may have changed since in the same second.
  await sandbox.run({ args: ["cp", "-fp", "--", `${repository.path}/.git/index`, index] })
  await git(["add", "--intent-to-add", "--ignore-errors", "--", "."], { env, codes: [1, 128] })
  const head = (await git(["rev-parse", "-q", "--verify", "HEAD"], { codes: [1] })).text
  return describe(git, repository, head, [repository.baseCommit], env)
}

/** Between two commits. */
export async function commits(sandbox: Sandbox, repository: Repository, from: string, to: string): Promise<Item> {
  return describe(Git.at(sandbox, repository.path), repository, to, [from, to], {})
}

async function describe(
  git: Git.Run,
  repository: Repository,
  head: string,
  range: readonly string[],
  env: Record<string, string>,
): Promise<Item> {
  const list = await git(["diff", ...options, "--raw", "--numstat", "-z", ...range, "--"], {
    env,
    limit: Git.defaultLimit,
  })
  const changes = parse(Git.split(list.stdout))
  const { name, source, branch, base } = repository
  const item = { name, source, branch, base, head }
  if (changes.length === 0) return { ...item, changes: [], patch: "", truncated: false }
  const { stdout, truncated } = await git(["diff", ...options, "--patch", ...range, "--"], { env, limit: diffLimit })
  const patch = stdout.toString("utf8").slice(0, diffLimit)
  return {
    ...item,
    changes: changes.slice(0, changeLimit),
    patch,
    truncated: truncated || list.truncated || changes.length > changeLimit,
  }
}

const statuses: Record<string, Change["status"]> = { A: "added", C: "added", D: "deleted", R: "renamed" }

/** The output of `--raw --numstat -z`: first every file's status, then every file's numbers. */
export function parse(fields: readonly string[]): Change[] {
  const status = new Map<string, Change["status"]>()
  const changes: Change[] = []
  for (let at = 0; at < fields.length;) {
    const field = fields[at++] ?? ""
    const raw = /^:\d+ \d+ \S+ \S+ ([A-Z])\d*$/.exec(field)
    if (raw) {
      const renamed = raw[1] === "R" || raw[1] === "C"
      if (renamed) at++
      status.set(fields[at++] ?? "", statuses[raw[1] ?? ""] ?? "modified")
      continue
    }
    const [added = "", deleted = "", ...path] = field.split("\t")
    const renamed = path.join("\t") === ""
    if (renamed) at++
    const name = renamed ? (fields[at++] ?? "") : path.join("\t")
    // Binary files have `-` for numbers.
    const count = (text: string) => (text === "-" ? 0 : Number(text))
    changes.push({
      path: name,
      status: status.get(name) ?? "modified",
      additions: count(added),
      deletions: count(deleted),
    })
  }
  return changes
}
