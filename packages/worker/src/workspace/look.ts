import type { Entry, Sandbox } from "../sandbox/sandbox.ts"
import type { Candidate } from "./bound.ts"
import { Git } from "./git.ts"
import { Staging } from "./staging.ts"
import type { Unit } from "./unit.ts"

/** What a work tree holds, told by names and times without reading a file. Names are bytes, one for each character. */
export interface Look {
  staging: Staging.Info
  /** Everything that is saved of it, unless it is left out: what git knows and is there, and what is new. */
  present: string[]
  /** Folders that may be repositories of their own. */
  inside: string[]
  /** Folders without anything that is saved. */
  folders: string[]
  /** What no commit has. */
  candidates: Candidate[]
  /** The commit that is checked out; empty where there is none. */
  head: string
  /** What is staged and not committed, by what the last commit has in its place; absent where it has nothing. */
  staged: Map<string, Staged>
}

export interface Staged {
  /** The object that is staged; absent for one that git shall not know any more. */
  id?: string | undefined
  /** As git writes it: mode and object. */
  before?: string | undefined
}

/** Names that the host is asked about at once, so that it has time for commands in between. */
const batch = 5_000

export async function look(sandbox: Sandbox, unit: Unit): Promise<Look> {
  const others = async (...options: string[]) =>
    Git.names((await unit.git(["ls-files", "--others", "--exclude-standard", ...options, "-z"])).stdout)
  const [staging, fresh, folded, dirty, { head, staged }] = await Promise.all([
    read(sandbox, unit, `${unit.gitdir}/index`),
    others(),
    others("--directory"),
    unstaged(unit),
    stagedIn(unit),
  ])
  const repositories = fresh.filter((path) => path.endsWith("/"))
  const files = fresh.filter((path) => !path.endsWith("/"))
  const modules = staging.items.filter(({ mode }) => mode === Staging.submodule).map(({ path }) => path)
  const known = new Set(staging.items.filter(({ mode }) => mode !== Staging.submodule).map(({ path }) => path))
  const gone = [...dirty.gone, ...(await unwatchedGone(sandbox, unit, staging.items))]
  for (const path of gone) known.delete(path)
  const changed = [...new Set([...dirty.changed, ...staged.keys()])].filter((path) => known.has(path))
  const entries = await inspect(sandbox, unit.folder, changed)
  const types = new Map(changed.map((path, at) => [path, entries[at]?.type]))
  // A pipe or a device in a file's place is nothing that can be saved; a folder there may be a repository.
  const replaced = changed.filter((path) => types.get(path) === "directory")
  for (const path of changed) if (["directory", "other"].includes(types.get(path) ?? "")) known.delete(path)
  const news = folded.filter((path) => path.endsWith("/") && !repositories.includes(path))
  return {
    staging,
    present: [...new Set([...known, ...files])],
    inside: [...new Set([...repositories.map((path) => path.slice(0, -1)), ...modules, ...replaced])],
    folders: [
      ...(await empty(sandbox, unit, { news, gone, files: [...known, ...files] })),
      ...(await directories(sandbox, unit, modules)),
    ],
    candidates: [
      ...candidatesOf("new", files, await inspect(sandbox, unit.folder, files), news),
      ...candidatesOf("changed", changed, entries, []),
    ],
    head,
    staged,
  }
}

/** Of the files that git was told not to look at, those that are not there, or are none. */
async function unwatchedGone(sandbox: Sandbox, unit: Unit, items: readonly Staging.Item[]) {
  const paths = items.filter((item) => item.isUnwatched && item.mode !== Staging.submodule).map(({ path }) => path)
  const entries = await inspect(sandbox, unit.folder, paths)
  return paths.filter((_, at) => !["file", "link"].includes(entries[at]?.type ?? ""))
}

/** An index as bytes that depend on nothing but its content. */
export async function read(sandbox: Sandbox, unit: Unit, index: string): Promise<Staging.Info> {
  const bytes = async (path: string) => Buffer.from(await sandbox.readFile(path))
  if ((await sandbox.stat(index)).type !== "file") return { bytes: Buffer.alloc(0), items: [], resolved: [] }
  const info = Staging.parse(await bytes(index), unit.format)
  if (info) return info
  const copy = await duplicate(sandbox, unit, index)
  const whole = ["-c", "core.splitIndex=false", "-c", "index.sparse=false"]
  const rewrite = ["update-index", "--no-split-index", "--force-write-index"]
  await unit.git([...whole, ...rewrite], { env: { GIT_INDEX_FILE: copy } })
  const rewritten = Staging.parse(await bytes(copy), unit.format)
  if (!rewritten) throw new Error("Git did not write a whole index")
  return rewritten
}

export async function duplicate(sandbox: Sandbox, unit: Unit, index: string) {
  const copy = `${sandbox.tmp}/save.index`
  // With its time: by that git knows which files may have changed since in the same second.
  await sandbox.run({ args: ["cp", "-fp", "--", index, copy], cwd: unit.folder })
  return copy
}

/** Submodules have their own look: git would look into them itself. */
const flat = ["--ignore-submodules=all", "--no-renames", "-z"]

/** What differs from what is staged; by its times, which may be all that differs. */
async function unstaged(unit: Unit) {
  const fields = Git.names((await unit.git(["diff-files", "--name-status", ...flat])).stdout)
  const gone: string[] = []
  const changed: string[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) (fields[at] === "D" ? gone : changed).push(fields[at + 1] ?? "")
  return { gone, changed }
}

const nothing = "000000"

async function stagedIn(unit: Unit) {
  const head = (await unit.git(["rev-parse", "-q", "--verify", "HEAD^{commit}"], { codes: [1, 128] })).text
  const tree = head || (await unit.git(["hash-object", "-t", "tree", "--stdin"], { input: "" })).text
  const range = ["diff-index", "--cached", "--raw", "--no-abbrev", ...flat, tree]
  const fields = Git.names((await unit.git(range)).stdout)
  const staged = new Map<string, Staged>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, next, before, id] = /^:(\d+) (\d+) ([\da-f]+) ([\da-f]+) /.exec(fields[at] ?? "") ?? []
    // The commit of a submodule is no object of this repository.
    const isOwn = next !== nothing && next !== "160000" && !/^0+$/.test(id ?? "")
    staged.set(fields[at + 1] ?? "", {
      ...(isOwn && { id }),
      ...(mode !== nothing && { before: `${mode} ${before}` }),
    })
  }
  return { head, staged }
}

/** With the uppermost of these folders that each is in: their names end with slashes. */
function candidatesOf(
  kind: Candidate["kind"],
  paths: readonly string[],
  entries: readonly Entry[],
  folders: readonly string[],
): Candidate[] {
  const tops = new Set(folders)
  return paths.flatMap((path, at): Candidate[] => {
    const entry = entries[at]
    if (entry?.type !== "file" && entry?.type !== "link") return []
    const folder = tops.size > 0 ? parents(path).find((parent) => tops.has(parent)) : undefined
    return [{ path, size: entry.type === "file" ? entry.size : 0, kind, folder }]
  })
}

export async function inspect(sandbox: Sandbox, folder: string, paths: readonly string[]) {
  const entries: Entry[] = []
  for (let at = 0; at < paths.length; at += batch)
    entries.push(...(await sandbox.inspect(folder, paths.slice(at, at + batch))))
  return entries
}

async function directories(sandbox: Sandbox, unit: Unit, paths: readonly string[]) {
  const entries = await inspect(sandbox, unit.folder, paths)
  return paths.filter((_, at) => entries[at]?.type === "directory")
}

/** Names that fit on a command line. Where there are more, or some that are no text, the whole work tree is searched. */
const most = 500

interface Folders {
  news: readonly string[]
  gone: readonly string[]
  files: readonly string[]
}

/** Folders without a file that is saved. Of those around files that are gone git speaks as if the files were there. */
async function empty(sandbox: Sandbox, unit: Unit, { news, gone, files }: Folders) {
  const old = [...new Set(gone.flatMap((path) => [...parents(path), `${path}/`]))]
  if (news.length + old.length === 0) return []
  const around = new Set(files.flatMap(parents))
  const left = old.filter((path) => !around.has(path)).map((path) => path.slice(0, -1))
  const there = (await directories(sandbox, unit, left)).map((path) => `${path}/`)
  const bare = [...news.filter((path) => !around.has(path)), ...there]
  const inner = await emptyIn(sandbox, unit, [...news, ...there])
  return [...new Set([...bare, ...inner].map((path) => path.replace(/\/$/, "")))]
}

async function emptyIn(sandbox: Sandbox, unit: Unit, news: readonly string[]) {
  if (news.length === 0) return []
  const isPlain = news.length <= most && news.every(isText)
  const from = isPlain ? news.map((path) => `./${Git.text(path)}`) : ["."]
  const listing = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--"]
  const { stdout } = await unit.git(["--literal-pathspecs", ...listing, ...from])
  const ignored = Git.names(stdout).filter((path) => path.endsWith("/"))
  const skipped = ignored
    .filter(isText)
    .slice(0, most)
    .flatMap((path) => ["-o", "-path", `./${Git.text(path.slice(0, -1))}`.replace(/[*?[\\]/g, "\\$&")])
  const found = await sandbox.run({
    args: ["find", ...from, "(", "-name", ".git", ...skipped, ")", "-prune", "-o", "-type", "d", "-empty", "-print0"],
    cwd: unit.folder,
  })
  const [wanted, unwanted] = [new Set(news), new Set(ignored)]
  return Git.names(Buffer.from(found.stdout))
    .map((path) => path.slice(2).replaceAll("//", "/"))
    .filter((path) => {
      const around = parents(`${path}/`)
      return around.some((folder) => wanted.has(folder)) && !around.some((folder) => unwanted.has(folder))
    })
}

const isText = (path: string) => Git.bytes(Git.text(path)) === path

function parents(path: string) {
  const found: string[] = []
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at + 1))
  return found
}
