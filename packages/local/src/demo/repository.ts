import { execFile } from "node:child_process"
import { mkdir, rm } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)
const sample = path.resolve(import.meta.dirname, "../../sample/lapse")

/** What the dashboard and the terminal suggest to somebody who has no model yet. */
export interface Task {
  title: string
  message: string
  /** A bare repository on this machine. */
  repository: string
}

export const message =
  "Fix the bug that docs/issues/7-sixty-seconds.md describes. Find the cause first, add a regression test, and open a pull request."

/** The task on the sample below `home`, whether `prepare` has made that yet or not. */
export const suggestion = (home: string): Task => ({
  title: "Fix issue 7 of the sample library",
  message,
  repository: path.join(home, "sample", "lapse.git"),
})

/** Written out, so that the commit is the same everywhere and git needs to know nobody. */
const commit = (tree: string) => `tree ${tree}
author Lapse <lapse@example.com> 1767603600 +0000
committer Lapse <lapse@example.com> 1767603600 +0000

Read and write lengths of time
`

/**
 * Makes a bare repository of the bundled sample below `home`, or brings its `main` back to the sample's
 * only commit. Other branches and pull request records stay.
 */
export async function prepare(home: string): Promise<Task> {
  const task = suggestion(home)
  const { repository } = task
  await mkdir(path.dirname(repository), { recursive: true })
  await git(["init", "--quiet", "--bare", "--initial-branch=main", "--template=", repository])

  const inside = [`--git-dir=${repository}`, "-c", "core.autocrlf=false", "-c", "core.fileMode=false"]
  const index = path.join(repository, "index")
  await rm(index, { force: true })
  await git([...inside, `--work-tree=${sample}`, "add", "--all", "--force", sample])
  const tree = await git([...inside, "write-tree"])
  await rm(index)
  const head = await git([...inside, "hash-object", "-t", "commit", "-w", "--stdin"], commit(tree))
  await git([...inside, "update-ref", "refs/heads/main", head])
  return task
}

async function git(args: string[], input?: string) {
  const running = execute("git", args)
  if (input !== undefined) running.child.stdin?.end(input)
  const { stdout } = await running
  return stdout.trim()
}
