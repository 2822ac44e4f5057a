import type { SavedFolder, SavedRepository } from "@remote-swe/core/log/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"
import { make, type Unit } from "./unit.ts"
import type { Repository } from "./workspace.ts"

/**
 * What lies in the session's folder beside its repositories: notes, programs, clones that the model made
 * itself. It is saved as if it were a repository without a commit, whose git folder is ours.
 */
export const name = ".folder"

/** What is put there again by others. */
const others = ["attachments"]

const gitdir = (sandbox: Sandbox) => `${sandbox.home}/.remote-swe/${name}`
const complete = "remote-swe.complete"

export const isHere = async (sandbox: Sandbox) => {
  if ((await sandbox.stat(`${gitdir(sandbox)}/HEAD`)).type !== "file") return false
  return (await at(sandbox)(["config", complete], { codes: [1, 128] })).code === 0
}

/** Whether there is anything but repositories. */
export async function isEmpty(sandbox: Sandbox, repositories: readonly Repository[]) {
  const known = [...repositories.map((repository) => repository.name), ...others]
  const options = known.flatMap((name) => ["!", "-name", name])
  const found = await sandbox.run({ args: ["find", sandbox.root, "-mindepth", "1", "-maxdepth", "1", ...options] })
  return found.stdout.length === 0
}

/**
 * The folder as a repository; `repositories` are no part of it. Until `finish`, one that is being restored is
 * not taken for whole.
 */
export async function open(sandbox: Sandbox, repositories: readonly Repository[]): Promise<Unit> {
  const git = at(sandbox)
  if ((await sandbox.stat(`${gitdir(sandbox)}/HEAD`)).type === "missing") {
    await sandbox.run({ args: ["mkdir", "-p", "--", gitdir(sandbox)] })
    await git(["init", "-q", "--template=", "--object-format=sha1"])
  }
  const excluded = [...repositories.map((repository) => repository.name), ...others].map((name) => `/${name}/\n`)
  await sandbox.writeFile(`${gitdir(sandbox)}/info/exclude`, Buffer.from(excluded.join("")))
  return make(sandbox, { path: "", folder: sandbox.root, gitdir: gitdir(sandbox), format: "sha1", git })
}

export const finish = (sandbox: Sandbox) => at(sandbox)(["config", complete, "true"])

const at = (sandbox: Sandbox) =>
  Git.at(sandbox, sandbox.root, { GIT_DIR: gitdir(sandbox), GIT_WORK_TREE: sandbox.root })

/** As an entry of its own kind. */
export const entryOf = (saved: SavedFolder): SavedRepository => ({
  name,
  source: "",
  branch: "",
  base: "",
  head: "",
  ...saved,
})
