import { VisibleError } from "@remote-swe/core/error"
import { Bound } from "./bound.ts"
import { Git } from "./git.ts"
import type { Stranger } from "./unit.ts"
import type { Problem } from "./workspace.ts"

/** What a person is told of what is not saved. */

/** Names that are told one by one. */
const most = 20

/** By the code of the notice; nothing where everything is saved. */
export function describe(problems: readonly Problem[]) {
  const failed = problems.flatMap((problem) => (problem.type === "failed" ? failure(problem) : []))
  const partial = problems.flatMap((problem) => (problem.type === "partial" ? rest(problem) : []))
  const texts = { "workspace.unsaved": failed, "workspace.partial": partial }
  return Object.entries(texts).flatMap(([code, lines]) =>
    lines.length > 0 ? { code, text: lines.join("\n").slice(0, longest) } : [],
  )
}

/** What a notice holds. */
const longest = 4_000

const failure = ({ name, error }: Extract<Problem, { type: "failed" }>) =>
  `${name} could not be saved: ${reason(error)} What was saved of it before is kept.`

function rest({ name, left, strangers }: Extract<Problem, { type: "partial" }>) {
  const items = [...left.map(file), ...strangers.map(repository)]
  if (items.length === 0) return []
  const shown = items.slice(0, most)
  if (items.length > most) shown.push(`and ${items.length - most} more`)
  return `Not everything in ${name} is saved. Left out: ${shown.join("; ")}. The rest is saved. Ignore what can be made again, and commit what matters.`
}

const reason = (error: unknown) => (error instanceof VisibleError ? error.message : "something went wrong on our side.")

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
