import { VisibleError } from "@remote-swe/core/error"
import { Bound } from "./bound.ts"
import { Git } from "./git.ts"
import type { Stranger } from "./unit.ts"
import type { Problem } from "./workspace.ts"

/** What a person is told of what is not saved. */

/** Names that are told one by one. */
const most = 20

/** Undefined where everything is saved. */
export function describe(problems: readonly Problem[]) {
  const texts = problems.flatMap((problem) => {
    if (problem.type === "failed") return `${problem.name} could not be saved: ${reason(problem.error)}`
    const items = [...problem.left.map(file), ...problem.strangers.map(repository)]
    if (items.length === 0) return []
    const shown = items.slice(0, most)
    const rest = items.length > most ? [`and ${items.length - most} more`] : []
    return `Not everything in ${problem.name} is saved. Left out: ${[...shown, ...rest].join("; ")}. The rest is saved. Ignore what can be made again, and commit what matters.`
  })
  return texts.length > 0 ? texts.join("\n") : undefined
}

const reason = (error: unknown) => (error instanceof VisibleError ? error.message : "it could not be written down.")

const limits = {
  file: `a file may have ${size(Bound.limits.file)}`,
  files: `files that no commit has may have ${size(Bound.limits.files)} together`,
  count: `there may be ${Bound.limits.count} files that no commit has`,
} as const

function file({ path, files, bytes, why }: Bound.Left) {
  const what = path.endsWith("/") ? `${files} files, ${size(bytes)}` : size(bytes)
  return `${Git.text(path)} (${what}; ${limits[why]})`
}

const whys: Record<Stranger["why"], string> = {
  worktree: "a linked work tree: its branch is saved, its files are not",
  elsewhere: "a repository whose git folder is elsewhere",
  broken: "a repository that git cannot read",
  format: "a repository with another kind of object names",
  name: "a repository whose name is no UTF-8 text",
  large: `a repository inside, for whose history there is no room: it may have ${size(Bound.limits.history)}`,
  many: `one of more than ${Bound.limits.inside} repositories inside`,
}

const repository = ({ path, why }: Stranger) => `${path} (${whys[why]})`

function size(bytes: number) {
  const unit = bytes >= 1024 * 1024 ? "MB" : "KB"
  return `${Math.ceil(bytes / (unit === "MB" ? 1024 * 1024 : 1024))} ${unit}`
}
