import { posix } from "node:path"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"
import type { Staging } from "./staging.ts"

/** A repository as git has it: one of the session's, or one inside such a one. */
export interface Unit {
  /** From the outermost repository's folder; empty for that itself. */
  path: string
  folder: string
  /** Git's folder for it, where its objects are. */
  gitdir: string
  format: Staging.Format
  git: Git.Run
  /** A small file of git's folder, as bytes; empty where there is none. */
  read(name: string): Promise<string>
}

/** A folder that looks like a repository and cannot be saved as one. */
export interface Stranger {
  path: string
  why: "worktree" | "elsewhere" | "broken" | "format" | "name" | "large" | "many"
}

export async function outermost(sandbox: Sandbox, folder: string): Promise<Unit> {
  const git = Git.at(sandbox, folder)
  const format = formatOf((await git(["rev-parse", "--show-object-format"])).text)
  return make(sandbox, { path: "", folder, gitdir: `${folder}/.git`, format, git })
}

/**
 * The repository at `name` inside another one: a submodule, or one that nobody told git of. Undefined where
 * there is none, as in a submodule that was never fetched.
 */
export async function inside(sandbox: Sandbox, parent: Unit, name: string): Promise<Unit | Stranger | undefined> {
  const local = Git.text(name)
  const path = posix.join(parent.path, local)
  const [dot] = await sandbox.inspect(parent.folder, [`${name}/.git`])
  if (!dot || dot.type === "missing") return undefined
  // The host takes names of folders as text.
  if (Git.bytes(local) !== name || local.includes("\n")) return { path, why: "name" }
  const folder = `${parent.folder}/${local}`
  if (dot.type === "directory") return verify(sandbox, parent, { path, folder, gitdir: `${folder}/.git` })
  if (dot.type !== "file") return { path, why: "elsewhere" }
  const link = Buffer.from(await sandbox.readFile(`${folder}/.git`)).toString()
  const gitdir = posix.resolve(folder, /^gitdir: (.*)\n?$/.exec(link)?.[1] ?? "/")
  if (gitdir.includes("/.git/worktrees/")) return { path, why: "worktree" }
  if (!gitdir.startsWith(`${parent.gitdir}/modules/`)) return { path, why: "elsewhere" }
  return verify(sandbox, parent, { path, folder, gitdir })
}

/** Other work trees of a repository, wherever they are: their branches are the repository's, their files are not. */
export async function linked(sandbox: Sandbox, unit: Unit): Promise<Stranger[]> {
  if ((await sandbox.stat(`${unit.gitdir}/worktrees`)).type !== "directory") return []
  const { text } = await unit.git(["worktree", "list", "--porcelain"])
  return text.split("\n\n").flatMap((entry): Stranger[] => {
    const folder = /^worktree (.*)$/m.exec(entry)?.[1]
    if (folder === undefined || folder === unit.folder || /^prunable\b/m.test(entry)) return []
    return [{ path: posix.join(unit.path, posix.relative(unit.folder, folder)), why: "worktree" }]
  })
}

/** With its folders named, as git would otherwise go up to the repository around it. */
async function verify(
  sandbox: Sandbox,
  parent: Unit,
  place: Pick<Unit, "path" | "folder" | "gitdir">,
): Promise<Unit | Stranger> {
  const git = Git.at(sandbox, place.folder, { GIT_DIR: place.gitdir, GIT_WORK_TREE: place.folder })
  const known = await git(["rev-parse", "--show-object-format"], { codes: [128] })
  if (known.code !== 0) return { path: place.path, why: "broken" }
  const format = formatOf(known.text)
  if (format !== parent.format) return { path: place.path, why: "format" }
  return make(sandbox, { ...place, format, git })
}

export const isStranger = (found: Unit | Stranger): found is Stranger => "why" in found

export function make(sandbox: Sandbox, unit: Omit<Unit, "read">): Unit {
  return {
    ...unit,
    async read(name) {
      const path = `${unit.gitdir}/${name}`
      if ((await sandbox.stat(path)).type !== "file") return ""
      return Buffer.from(await sandbox.readFile(path)).toString("latin1")
    },
  }
}

/** A path of a repository from the outermost one's folder, as bytes. */
export const within = (unit: Unit, path: string) => (unit.path === "" ? path : `${Git.bytes(unit.path)}/${path}`)

const formatOf = (text: string): Staging.Format => (text === "sha256" ? "sha256" : "sha1")
