import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"
import type { Repository } from "./workspace.ts"

/**
 * A second git folder over the same work tree, with its own index and without the repository's
 * configuration. It takes files byte for byte (no line ends, filters or encodings are converted),
 * it adds no object or ref to the repository, and its index makes the next look quick.
 */
export interface Shadow {
  git: Git.Run
  /** The tree of exactly these files of the work tree. */
  record(paths: readonly string[]): Promise<string>
  /** Writes the files of a tree to the work tree. */
  checkOut(tree: string): Promise<void>
  blob(text: string): Promise<string>
  file(path: string): Promise<string>
  tree(entries: readonly string[]): Promise<string>
  commit(tree: string, parents: readonly string[]): Promise<string>
}

const author = { NAME: "Remote SWE", EMAIL: "remote-swe@localhost", DATE: "@0 +0000" }
const identity = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((role) =>
    Object.entries(author).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  ),
)

export async function shadow(sandbox: Sandbox, repository: Repository): Promise<Shadow> {
  const own = Git.at(sandbox, repository.path)
  const folder = `${sandbox.home}/.remote-swe/${repository.name}.git`
  const format = (await own(["rev-parse", "--show-object-format"])).text
  await Git.at(sandbox, sandbox.root)(["init", "-q", "--bare", `--object-format=${format}`, folder])
  const attributes = "* -text -eol -filter -ident -working-tree-encoding\n"
  await sandbox.writeFile(`${folder}/info/attributes`, Buffer.from(attributes))
  await sandbox.writeFile(`${folder}/objects/info/alternates`, Buffer.from(`${repository.path}/.git/objects\n`))
  const env = { GIT_DIR: folder, GIT_WORK_TREE: repository.path, ...identity }
  const git: Git.Run = (args, options = {}) => own(args, { ...options, env: { ...env, ...options.env } })
  const list = (paths: readonly string[]) => paths.map((path) => `${path}\0`).join("")

  return {
    git,
    async record(paths) {
      const wanted = new Set(paths)
      const old = Git.split((await git(["ls-files", "-z"])).stdout).filter((path) => !wanted.has(path))
      await git(["update-index", "--force-remove", "-z", "--stdin"], { input: list(old) })
      await git(["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], { input: list(paths) })
      return (await git(["write-tree"])).text
    },
    async checkOut(tree) {
      await git(["read-tree", tree])
      await git(["checkout-index", "-a", "-f", "-u", "-q"])
    },
    blob: async (text) => (await git(["hash-object", "-w", "--stdin"], { input: text })).text,
    file: async (path) => (await git(["hash-object", "-w", "--no-filters", path])).text,
    tree: async (entries) => (await git(["mktree"], { input: entries.map((entry) => `${entry}\n`).join("") })).text,
    commit: async (tree, parents) =>
      (await git(["commit-tree", tree, "-m", "save", ...parents.flatMap((parent) => ["-p", parent])])).text,
  }
}
