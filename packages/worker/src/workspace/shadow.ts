import { createHash } from "node:crypto"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"

/**
 * A git folder of our own beside a repository. It borrows the objects of the repository, and of those
 * inside it, and takes files byte for byte: no line ends, filters or encodings are converted. It adds no
 * object or ref to the repository.
 */
export interface Shadow {
  folder: string
  /** Without any work tree. */
  git: Git.Run
  /** Over the files of a folder, with an index of its own that makes the next look quick. */
  over(folder: string, name: string): Over
  /** Where else its objects are, and which commits have no parents there. */
  borrow(objects: readonly string[], shallow: readonly string[]): Promise<void>
  blob(content: string | Uint8Array): Promise<string>
  tree(entries: readonly string[]): Promise<string>
  /** Always the same commit for the same tree and parents. */
  commit(tree: string, parents: readonly string[]): Promise<string>
  /** Forgets objects of its own that are not among these. */
  tidy(needed: ReadonlySet<string>): Promise<void>
}

export interface Over {
  git: Git.Run
  /** The file that tells whether anything was found changed. */
  index: string
  /** The tree of exactly these files. */
  record(paths: readonly string[]): Promise<string>
  /** Writes the files of a tree. */
  checkOut(tree: string): Promise<void>
}

const attributes = "* -text -eol -filter -ident -working-tree-encoding\n"

/** The owner's settings are for the owner's repositories; and here every name is a name. */
const settings = [
  "core.fileMode=true",
  "core.symlinks=true",
  "core.ignoreCase=false",
  "core.precomposeUnicode=false",
  "core.protectNTFS=false",
  "core.protectHFS=false",
  "core.splitIndex=false",
  "core.untrackedCache=false",
  "core.sparseCheckout=false",
  "index.version=4",
].flatMap((setting) => ["-c", setting])

const author = "Remote SWE <remote-swe@localhost> 0 +0000"

export const folderOf = (sandbox: Sandbox, name: string) => `${sandbox.home}/.remote-swe/${name}.git`

/** Opens it, and makes it where there is none. `format`: how objects are named. */
export async function open(sandbox: Sandbox, name: string, format: string): Promise<Shadow> {
  const folder = folderOf(sandbox, name)
  const outside = Git.at(sandbox, sandbox.root)
  await outside(["init", "-q", "--bare", "--template=", `--object-format=${format}`, folder])
  await sandbox.writeFile(`${folder}/info/attributes`, Buffer.from(attributes))
  // Git that was killed leaves its locks, and nobody but us works here.
  await sandbox.run({ args: ["find", folder, "-name", "*.lock", "-exec", "rm", "-f", "--", "{}", "+"] })
  const git = plain(Git.at(sandbox, sandbox.root, { GIT_DIR: folder }))
  let borrowed = ""
  /** What is in each index, and which objects there are, as far as they were made here. */
  const listed = new Map<string, string[]>()
  const made = new Map<string, string>()

  async function make(args: readonly string[], input: string | Uint8Array) {
    const key = createHash("sha256").update(args.join(" ")).update(input).digest("base64")
    const known = made.get(key)
    if (known) return known
    const { text } = await git(args, { input })
    made.set(key, text)
    return text
  }

  return {
    folder,
    git,
    over: (work, name) => over(sandbox, folder, work, name, listed),
    async borrow(objects, shallow) {
      const lists = [objects.map((path) => `${quoted(path)}\n`).join(""), shallow.map((id) => `${id}\n`).join("")]
      if (borrowed === JSON.stringify(lists)) return
      await sandbox.writeFile(`${folder}/objects/info/alternates`, Buffer.from(lists[0] ?? ""))
      await sandbox.writeFile(`${folder}/shallow`, Buffer.from(lists[1] ?? ""))
      borrowed = JSON.stringify(lists)
    },
    blob: (content) => make(["hash-object", "-w", "--stdin"], content),
    tree: (entries) => make(["mktree", "-z"], Git.input(entries)),
    async commit(tree, parents) {
      const lines = [`tree ${tree}`, ...parents.map((id) => `parent ${id}`), `author ${author}`, `committer ${author}`]
      return make(["hash-object", "-t", "commit", "-w", "--stdin"], `${lines.join("\n")}\n\nsave\n`)
    },
    async tidy(needed) {
      made.clear()
      const found = await sandbox.run({ args: ["find", "objects", "-type", "f", "-print0"], cwd: folder })
      const old = Git.names(Buffer.from(found.stdout)).filter((path) => {
        const [, start, rest] = /^objects\/([\da-f]{2})\/(.*)$/.exec(path) ?? []
        return start !== undefined && !needed.has(start + rest)
      })
      if (old.length > 0) await sandbox.run({ args: ["xargs", "-0", "rm", "-f"], input: Git.input(old), cwd: folder })
    },
  }
}

const plain =
  (run: Git.Run): Git.Run =>
  (args, options) =>
    run([...settings, ...args], options)

function over(sandbox: Sandbox, shadow: string, work: string, name: string, listed: Map<string, string[]>): Over {
  const index = `${shadow}/index${name && `-${name}`}`
  const git = plain(Git.at(sandbox, work, { GIT_DIR: shadow, GIT_WORK_TREE: work, GIT_INDEX_FILE: index }))
  return {
    git,
    index,
    async record(paths) {
      const wanted = new Set(paths)
      const before = listed.get(name) ?? Git.names((await git(["ls-files", "-z"])).stdout)
      const old = before.filter((path) => !wanted.has(path))
      listed.delete(name)
      if (old.length > 0) await git(["update-index", "--force-remove", "-z", "--stdin"], { input: Git.input(old) })
      await git(["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], { input: Git.input(paths) })
      listed.set(name, [...paths])
      return (await git(["write-tree"])).text
    },
    async checkOut(tree) {
      await git(["read-tree", tree])
      await git(["checkout-index", "-a", "-f", "-u", "-q"])
    },
  }
}

/** A path in a list of such, where a line that begins with a quote or a hash is something else. */
const quoted = (path: string) => (/^["#]|\n/.test(path) ? JSON.stringify(path) : path)
