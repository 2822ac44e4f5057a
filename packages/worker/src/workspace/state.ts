export * as State from "./state.ts"
import * as v from "valibot"
import { Git } from "./git.ts"
import { Setting } from "./setting.ts"
import type { Unit } from "./unit.ts"

const id = v.pipe(v.string(), v.regex(/^[\da-f]{40}(?:[\da-f]{24})?$/))
/** Below the folder that it is told of, and in no folder of git's own unless that is where it begins. */
const path = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => !text.startsWith("/") && !text.split("/").includes(".."), "A path must stay below its folder"),
)
const refName = v.pipe(v.string(), v.regex(/^refs\/[^\0\n ]+$/))

/** What a snapshot says of a repository beside its files. Names of files and refs are bytes, one for each character. */
export const Info = v.object({
  version: v.picklist([1, 2]),
  /** The commit that the session started from; only of those that it cloned. */
  base: v.string(),
  /** A ref, or a commit where HEAD is detached. */
  head: v.union([refName, id]),
  /** `upstream`: the branch of `origin` that it follows, where there are no settings. `to`: the ref that it stands for. */
  refs: v.array(v.object({ ref: refName, commit: id, upstream: v.optional(refName), to: v.optional(refName) })),
  stashes: v.array(v.object({ commit: id, message: v.string() })),
  /** Small files of the git folder, where there is no tree of them. */
  files: v.optional(v.record(v.string(), v.string()), {}),
  /** Tags that the origin did not have, and those of its that are gone. */
  tags: v.optional(v.array(v.object({ ref: refName, commit: id })), []),
  untagged: v.optional(v.array(refName), []),
  settings: v.optional(v.array(v.tuple([v.string(), v.string()])), []),
  /** Commits that this repository has without their parents, and those of which nobody inside has them, either. */
  shallow: v.optional(v.array(id), []),
  cut: v.optional(v.array(id), []),
  /** Folders with nothing in them that is saved. */
  folders: v.optional(v.array(path), []),
  /** Permissions that are neither those of an ordinary file nor those of a program. */
  modes: v.optional(v.array(v.tuple([path, v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o777))])), []),
  /** Files that were too large; they come back as they are staged, or not at all. */
  left: v.optional(v.array(path), []),
  /** Repositories inside this one, their folders and those of git for them. */
  inside: v.optional(v.array(v.object({ path, gitdir: path })), []),
})
export type Info = v.InferOutput<typeof Info>
export type Ref = Info["refs"][number]

/** What the tree of a snapshot, or of a repository inside one, says. */
export async function of({ git }: { git: Git.Run }, tree: string) {
  return v.parse(Info, JSON.parse((await git(["cat-file", "blob", `${tree}:state.json`])).text))
}

/** Refs that are told otherwise, or not at all. */
const ours = /^refs\/(?:remote-swe\/|prefetch\/|stash$)/

export interface Refs {
  head: string
  refs: Ref[]
  stashes: Info["stashes"]
  /** Objects behind refs that are no commits. */
  others: string[]
  /** Commits that have to be saved for these. */
  tips: string[]
}

interface Origin {
  /** Whether what the origin has is saved, too, since nothing will fetch it again; or only which branch is the first there. */
  remotes: "all" | "first" | "none"
  /** Tags that come from there, by their refs. */
  cloned: ReadonlyMap<string, string>
}

export async function refs(unit: Unit, { remotes, cloned }: Origin): Promise<Refs> {
  const names = ["objectname", "objecttype", "symref", "*objectname", "*objecttype", "refname"]
  const fields = names.map((field) => `%(${field})`)
  const list = await unit.git(["for-each-ref", `--format=${fields.join("%00")}`])
  const all = list.stdout
    .toString("latin1")
    .split("\n")
    .flatMap((line) => {
      const [commit = "", type = "", to = "", target = "", targetType = "", ref = ""] = line.split("\0")
      const tips = type === "commit" ? [commit] : targetType === "commit" ? [target] : []
      return ref ? [{ ref, commit, type, to, tips }] : []
    })
  const isKept = ({ ref, to }: { ref: string; to: string }) => {
    if (ours.test(ref)) return false
    return remotes === "all" || !ref.startsWith("refs/remotes/") || (remotes === "first" && to !== "")
  }
  const kept = all.filter(isKept)
  const stashes = all.some(({ ref }) => ref === "refs/stash") ? await stash(unit) : []
  const head = (await unit.read("HEAD")).trim()
  const symbolic = /^ref: (refs\/.*)$/.exec(head)?.[1]
  const own = kept.filter(({ ref, commit, to }) => cloned.get(ref) !== commit && to === "")
  return {
    head: symbolic ?? head,
    refs: kept.map(({ ref, commit, to }) => ({ ref, commit, ...(to && { to }) })),
    stashes,
    others: own.flatMap(({ commit, type }) => (type === "commit" ? [] : commit)),
    tips: [...own.flatMap(({ tips }) => tips), ...stashes.map(({ commit }) => commit), ...(symbolic ? [] : [head])],
  }
}

async function stash(unit: Unit) {
  const log = await unit.git(["log", "-g", "--format=%H%x00%gs%x00", "refs/stash", "--"], { codes: [128] })
  const fields = Git.split(log.stdout).map((field) => field.trim())
  return fields.flatMap((commit, at) => (at % 2 === 0 ? [{ commit, message: fields[at + 1] ?? "" }] : []))
}

export async function configuration(unit: Unit, scope: "--local" | "--worktree") {
  const { stdout } = await unit.git(["config", scope, "--list", "-z"], { codes: [1] })
  return Git.names(stdout).map((field): Setting.Info => {
    const end = field.indexOf("\n")
    // A key alone is true.
    return end < 0 ? [field, "true"] : [field.slice(0, end), field.slice(end + 1)]
  })
}

/** The configuration that goes along. The outermost repository's origin is the gateway, wherever it is restored. */
export async function settings(unit: Unit): Promise<Setting.Info[]> {
  const local = await configuration(unit, "--local")
  const split = local.some(([key, value]) => key === "extensions.worktreeconfig" && value === "true")
  const all = split ? [...local, ...(await configuration(unit, "--worktree"))] : local
  const own = all.filter(([key]) => unit.path !== "" || !key.startsWith("remote.origin."))
  return Setting.last(own.map(Setting.abstract).filter(Setting.isSafe))
}

/**
 * Files of the git folder that make up something that is in progress, or say which files belong to the
 * work. Hooks and configuration are not among them.
 */
export const files = [
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "MERGE_RR",
  "MERGE_AUTOSTASH",
  "AUTO_MERGE",
  "SQUASH_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "ORIG_HEAD",
  "BISECT_ANCESTORS_OK",
  "BISECT_EXPECTED_REV",
  "BISECT_FIRST_PARENT",
  "BISECT_HEAD",
  "BISECT_LOG",
  "BISECT_NAMES",
  "BISECT_RUN",
  "BISECT_START",
  "BISECT_TERMS",
  "rebase-merge",
  "rebase-apply",
  "sequencer",
  "rr-cache",
  "info/exclude",
  "info/attributes",
  "info/sparse-checkout",
] as const

export const isProgress = (path: string) => files.some((name) => path === name || path.startsWith(`${name}/`))

/** Of these, what names no object that has to be saved: it is put back where its commit is there anyway. */
export const soft = "ORIG_HEAD"
const silent = /^(?:ORIG_HEAD$|info\/|rr-cache\/|.*_MSG$|BISECT_(?:NAMES|RUN|TERMS)$|rebase-apply\/\d)/

export const isSilent = (path: string) => silent.test(path)

/** The ids of objects that a file of the git folder names. */
export const named = (path: string, text: string) =>
  isSilent(path) ? [] : (text.match(/\b(?:[\da-f]{64}|[\da-f]{40})\b/g) ?? [])
