import type { Sandbox } from "../sandbox/sandbox.ts"
import { Bundle } from "./bundle.ts"
import { Git } from "./git.ts"
import { overOf, progressOf } from "./keep.ts"
import { Setting } from "./setting.ts"
import type { Shadow } from "./shadow.ts"
import { State } from "./state.ts"
import type { Unit } from "./unit.ts"

export interface Context {
  sandbox: Sandbox
  /** It holds what was saved. */
  shadow: Shadow
  /** The gateway's address up to the name of a repository. */
  prefix: string
  signal: AbortSignal
}

/** Makes a fresh repository what `tree` and `state` say. */
export async function putBack(context: Context, unit: Unit, tree: string, state: State.Info) {
  const { sandbox, shadow } = context
  const parts = await entriesOf(shadow, tree)
  const [work, staged, index, git] = ["work", "staged", "index", "git"].map((name) => parts.get(name))
  await putObjects(context, unit, state, staged, git)
  if (state.shallow.length > 0)
    await sandbox.writeFile(`${unit.gitdir}/shallow`, Buffer.from(state.shallow.map((id) => `${id}\n`).join("")))
  await putSettings(context, unit, state)
  await putRefs(unit, state)
  if (work) await overOf(shadow, unit).checkOut(work)
  await putFolders(sandbox, unit, state)
  await putProgress(context, unit, state, git)
  if (index) {
    await sandbox.writeFile(`${unit.gitdir}/index`, (await shadow.git(["cat-file", "blob", index])).stdout)
    // It knows the old machine's files; those that differ are told by the exit code.
    await unit.git(["update-index", "-q", "--refresh"], { codes: [1] })
  }
  if (state.left.length > 0)
    await unit.git(["checkout-index", "-f", "-q", "-u", "-z", "--stdin"], {
      input: Git.input(state.left),
      codes: [1, 128],
    })
  for (const { commit, message } of state.stashes.toReversed())
    await unit.git(["stash", "store", "-q", "-m", message || "stash", commit])
}

export async function entriesOf({ git }: Shadow, tree: string) {
  const lines = Git.names((await git(["ls-tree", "-z", tree])).stdout)
  return new Map(lines.map((line) => [line.slice(line.indexOf("\t") + 1), line.split(/[ \t]/, 3)[2] ?? ""]))
}

const kept = "refs/remote-swe/kept"

/** Objects that the repository itself needs: of its refs, its index, and what is in progress. */
async function putObjects(
  { shadow, signal }: Context,
  unit: Unit,
  state: State.Info,
  staged: string | undefined,
  git: string | undefined,
) {
  const progress = git
    ? await namedIn(shadow, git)
    : Object.values(state.files).flatMap((text) => State.named("", text))
  const ids = [...state.refs, ...state.tags, ...state.stashes].map(({ commit }) => commit)
  const types = await Bundle.typesOf(shadow, [
    ...ids,
    ...progress,
    ...(state.head.startsWith("refs/") ? [] : [state.head]),
  ])
  const of = (type: string) => [...types].flatMap(([id, kind]) => (kind === type ? id : []))
  const tree = staged ?? (await shadow.tree([]))
  await shadow.git(["update-ref", kept, await shadow.commit(tree, of("commit"))])
  const refs = [kept, ...of("tag").map((id) => `${Bundle.tagged}/${id}`)]
  const how = ["--no-tags", "--no-write-fetch-head", "--update-shallow"]
  await unit.git(["fetch", "-q", ...how, "--", shadow.folder, ...refs.map((ref) => `+${ref}:${ref}`)], { signal })
  await shadow.git(["update-ref", "-d", kept])
}

/** The objects that files of the git folder name. */
async function namedIn({ git }: Shadow, tree: string) {
  const paths = Git.names((await git(["ls-tree", "-r", "-z", "--name-only", tree])).stdout)
  const texts = paths.map(async (path) => {
    if (!State.isProgress(path) || State.isSilent(path)) return []
    const { stdout } = await git(["cat-file", "blob", `${tree}:${Git.text(path)}`])
    return State.named(path, stdout.toString("latin1"))
  })
  return (await Promise.all(texts)).flat()
}

async function putSettings({ sandbox, prefix, signal }: Context, unit: Unit, state: State.Info) {
  // A clone has made the server's default branch follow it.
  const found = await unit.git(["config", "--local", "--name-only", "-z", "--get-regexp", "^branch[.]"], { codes: [1] })
  const sections = new Set(Git.split(found.stdout).map((key) => key.slice(0, key.lastIndexOf("."))))
  for (const section of sections) await unit.git(["config", "--remove-section", section])
  const followed = state.refs.flatMap(({ ref, upstream }): Setting.Info[] => {
    const branch = `branch.${ref.slice("refs/heads/".length)}`
    return upstream
      ? [
          [`${branch}.remote`, "origin"],
          [`${branch}.merge`, upstream],
        ]
      : []
  })
  const settings = [...followed, ...state.settings].filter(Setting.isSafe)
  const path = `${unit.gitdir}/config`
  const own = await beyondKnown(
    unit,
    settings.map((setting) => Setting.concrete(setting, prefix)),
  )
  await sandbox.writeFile(
    path,
    Buffer.concat([await sandbox.readFile(path), Buffer.from(Setting.write(own), "latin1")]),
  )
  // What another repository of the session has at its origin was not saved.
  if (unit.path !== "" && settings.some(([key, value]) => key === "remote.origin.url" && Setting.isAtGateway(value)))
    await unit.git(["fetch", "-q", "--no-tags", "--no-write-fetch-head", "origin"], { signal })
}

/** What a fresh repository does not say itself; git sets nothing that is said twice. */
async function beyondKnown(unit: Unit, settings: readonly Setting.Info[]) {
  const known = new Map(await State.configuration(unit, "--local"))
  const others = settings.filter(([key, value]) => known.get(key) !== value)
  for (const key of new Set(others.map(([key]) => key)))
    if (known.has(key)) await unit.git(["config", "--unset-all", Git.text(key)])
  return others
}

async function putRefs(unit: Unit, state: State.Info) {
  const list = (await unit.git(["for-each-ref", "--format=%(refname)", "refs/heads"])).stdout
    .toString("latin1")
    .split("\n")
  const wanted = new Set(state.refs.map((item) => item.ref))
  const apply = async (commands: string[]) => {
    const input = Buffer.from(commands.map((command) => `${command}\n`).join(""), "latin1")
    if (commands.length > 0) await unit.git(["update-ref", "--no-deref", "--stdin"], { input })
  }
  // First, as a branch may have the name of what was a folder of branches.
  await apply([...list.filter((ref) => ref && !wanted.has(ref)), ...state.untagged].map((ref) => `delete ${ref}`))
  const plain = [...state.refs.filter(({ to }) => to === undefined), ...state.tags]
  await apply(plain.map(({ ref, commit }) => `update ${ref} ${commit}`))
  for (const { ref, to } of state.refs) if (to) await unit.git(["symbolic-ref", Git.text(ref), Git.text(to)])
  if (state.head.startsWith("refs/")) await unit.git(["symbolic-ref", "HEAD", Git.text(state.head)])
  else await unit.git(["update-ref", "--no-deref", "HEAD", state.head])
  const ours = await unit.git(["for-each-ref", "--format=delete %(refname)", "refs/remote-swe"])
  if (ours.text) await unit.git(["update-ref", "--stdin"], { input: `${ours.text}\n` })
}

/** Folders and permissions, by programs that take names as bytes. */
async function putFolders(sandbox: Sandbox, unit: Unit, { folders, modes }: State.Info) {
  const each = async (args: [string, ...string[]], paths: readonly string[]) => {
    if (paths.length === 0) return
    const input = Git.input(paths.map((path) => `./${path}`))
    await sandbox.run({ args: ["xargs", "-0", ...args], input, cwd: unit.folder })
  }
  await each(["mkdir", "-p"], folders)
  for (const [mode, entries] of Map.groupBy(modes, ([, mode]) => mode))
    await each(
      ["chmod", mode.toString(8)],
      entries.map(([path]) => path),
    )
}

async function putProgress({ sandbox, shadow }: Context, unit: Unit, state: State.Info, git: string | undefined) {
  for (const [name, text] of Object.entries(state.files))
    if (State.isProgress(name)) await sandbox.writeFile(`${unit.gitdir}/${name}`, Buffer.from(text))
  if (!git) return
  const over = progressOf(shadow, unit)
  await over.git(["read-tree", git])
  const others = Git.names((await over.git(["ls-files", "-z"])).stdout).filter((path) => !State.isProgress(path))
  if (others.length > 0)
    await over.git(["update-index", "--force-remove", "-z", "--stdin"], { input: Git.input(others) })
  await over.git(["checkout-index", "-a", "-f", "-u", "-q"])
  const last = (await unit.read(State.soft)).trim()
  if (last && (await unit.git(["cat-file", "-e", last], { codes: [1, 128] })).code !== 0)
    await sandbox.run({ args: ["rm", "-f", "--", `${unit.gitdir}/${State.soft}`] })
}
