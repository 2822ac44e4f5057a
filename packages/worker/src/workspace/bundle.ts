export * as Bundle from "./bundle.ts"
import type { Sandbox } from "../sandbox/sandbox.ts"
import type { Git } from "./git.ts"
import type { Shadow } from "./shadow.ts"

/** Files in which git brings objects from one place to another, and what they build on. */

export interface Input {
  path: string
  /** The commit that it brings, and tags that come with it. */
  commit: string
  tags: readonly string[]
  /** Commits that are there already where it is unpacked. */
  without: readonly string[]
}

export const ref = "refs/remote-swe/save"
export const tagged = "refs/remote-swe/tag"
const minutes = 60_000

/** Without this git would look at those folders only that have the same place on both sides. */
const thorough = ["-c", "pack.useSparse=false"]

/** Writes a bundle; gives its size. */
export async function create(sandbox: Sandbox, shadow: Shadow, { path, commit, tags, without }: Input) {
  const named = tags.map((id) => [`${tagged}/${id}`, id] as const)
  await update(shadow, [[ref, commit], ...named])
  const refs = [ref, ...named.map(([name]) => name)]
  const known = await present(shadow, without)
  await shadow.git(
    [...thorough, "bundle", "create", "-q", path, ...refs, ...(known.length > 0 ? ["--not", ...known] : [])],
    {
      timeoutMs: 15 * minutes,
    },
  )
  return (await sandbox.stat(path)).size
}

/** Everything that was bundled with `commit` as a whole. */
export async function contents({ git }: Shadow, commit: string, without: readonly string[]) {
  const known = without.length > 0 ? ["--not", ...without] : []
  const { stdout } = await git(["rev-list", "--objects", "--no-object-names", commit, `--glob=${tagged}`, ...known])
  return new Set(stdout.toString("latin1").split("\n"))
}

/** Bytes of everything that these commits need, about. */
export async function weigh({ git }: { git: Git.Run }, commits: readonly string[], without: readonly string[]) {
  if (commits.length === 0) return 0
  const input = [...commits, ...without.map((id) => `^${id}`)].map((line) => `${line}\n`).join("")
  return Number((await git(["rev-list", "--disk-usage", "--objects", "--stdin"], { input })).text)
}

/** What these objects are, as far as they are here. */
export async function typesOf({ git }: { git: Git.Run }, ids: readonly string[]) {
  const unique = [...new Set(ids)]
  if (unique.length === 0) return new Map<string, string>()
  const { text } = await git(["cat-file", "--batch-check"], { input: unique.map((id) => `${id}\n`).join("") })
  const found = text.split("\n").flatMap((line) => {
    const [, id, type] = /^(\S+) (blob|tree|commit|tag) /.exec(line) ?? []
    return id && type ? [[id, type] as const] : []
  })
  return new Map(found)
}

/** Those of these commits that are here. */
export async function present(shadow: Shadow, ids: readonly string[]) {
  return [...(await typesOf(shadow, ids))].flatMap(([id, type]) => (type === "commit" ? id : []))
}

/**
 * Of commits without parents in some repository, those that have none among all of these objects: in another
 * one they may have them, and then they belong to what is saved.
 */
export async function cut(shadow: Shadow, objects: readonly string[], ids: readonly string[]) {
  if (ids.length === 0) return []
  await shadow.borrow(objects, [])
  const unique = [...new Set(ids)].toSorted()
  const parents = await Promise.all(
    unique.map(async (id) => {
      const { text } = await shadow.git(["cat-file", "commit", id], { codes: [1, 128] })
      return [
        ...text
          .split("\n\n", 1)
          .join("")
          .matchAll(/^parent (\S+)$/gm),
      ].flatMap(([, parent]) => parent ?? [])
    }),
  )
  const known = new Set(await present(shadow, parents.flat()))
  return unique.filter((_, at) => parents[at]?.some((parent) => !known.has(parent)))
}

/** The tags that came with what was unpacked. */
export async function tags({ git }: Shadow) {
  const { text } = await git(["for-each-ref", "--format=%(objectname)", tagged])
  return text.split("\n").filter(Boolean)
}

/** What a bundle builds on, by its head: lines of text, up to an empty one. */
export function needs(bytes: Uint8Array) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = text.indexOf("\n\n")
  const lines = text.toString("latin1", 0, Math.max(0, end)).split("\n")
  return lines.flatMap((line) => /^-([\da-f]{40,64})\b/.exec(line)?.[1] ?? [])
}

/** Takes what is in a bundle, all of whose needs are there. */
export async function unpack(sandbox: Sandbox, shadow: Shadow, bytes: Uint8Array, signal: AbortSignal) {
  const path = `${sandbox.tmp}/restore.bundle`
  await sandbox.writeFile(path, bytes)
  // Git looks for what it needs among what refs lead to.
  await update(
    shadow,
    needs(bytes).map((id) => [`refs/remote-swe/need/${id}`, id] as const),
  )
  const { text } = await shadow.git(["bundle", "unbundle", path], { signal, timeoutMs: 15 * minutes })
  await sandbox.run({ args: ["rm", "-f", "--", path] })
  const refs = text.split("\n").map((line) => line.split(" ") as [id: string, ref?: string])
  await update(
    shadow,
    refs.flatMap(([id, name]) => (name?.startsWith("refs/remote-swe/") ? [[name, id] as const] : [])),
  )
}

async function update({ git }: Shadow, refs: readonly (readonly [ref: string, id: string])[]) {
  if (refs.length === 0) return
  await git(["update-ref", "--stdin"], { input: refs.map(([name, id]) => `update ${name} ${id}\n`).join("") })
}
