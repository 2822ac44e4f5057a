import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { Staging } from "../../src/workspace/staging.ts"
import { folder, git } from "../sandbox/world.ts"

type Format = Staging.Format

function repository(format: Format, version: number) {
  const dir = folder()
  git(dir, "init", "-q", `--object-format=${format}`)
  git(dir, "config", "index.version", String(version))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return { dir, write, index: join(dir, ".git/index"), run: (...args: string[]) => git(dir, ...args) }
}

type Repository = ReturnType<typeof repository>

/** A conflict, one that was resolved, names of many lengths, and every flag that git keeps. */
function fill({ write, run }: Repository) {
  const long = `${"x".repeat(200)}/${"y".repeat(200)}`
  const names = ["a", "a b", "d/b/c", "d/b/cd", "ü/ñ", long, ...Array.from({ length: 40 }, (_, at) => `f/${at}`)]
  for (const name of names) write(name, name)
  run("add", "-A")
  run("commit", "-qm", "One")
  run("checkout", "-qb", "side")
  for (const name of ["a", "d/b/c"]) write(name, "theirs")
  run("commit", "-qam", "Two")
  run("checkout", "-q", "-")
  for (const name of ["a", "d/b/c"]) write(name, "ours")
  run("commit", "-qam", "Three")
  expect(() => run("merge", "-q", "side")).toThrow("Command failed")
  write("a", "resolved")
  run("add", "a")
  run("update-index", "--assume-unchanged", "f/1")
  run("update-index", "--skip-worktree", "f/2")
  write("intent", "x")
  run("add", "-N", "intent")
}

function read({ index }: Repository, format: Format) {
  const info = Staging.parse(readFileSync(index), format)
  if (!info) throw new Error("Git has to rewrite this index")
  return info
}

/** What git itself reads, the names as bytes. */
function listed({ dir }: Repository) {
  const out = execFileSync("git", ["ls-files", "-s", "-z"], { cwd: dir, encoding: "latin1" })
  return out.split("\0").slice(0, -1)
}

const written = ({ items }: Staging.Info) =>
  items.map(({ path, mode, id, stage }) => `${mode.toString(8).padStart(6, "0")} ${id} ${stage}\t${path}`)

describe.each(["sha1", "sha256"] as const)("an index of %s", (format) => {
  it.each([2, 4])("of version %i is read as git reads it, and written so that git reads the same", (version) => {
    const here = repository(format, version)
    fill(here)
    expect(readFileSync(here.index).readUInt32BE(4)).toBe(version === 2 ? 3 : version)
    const before = read(here, format)
    expect(written(before)).toEqual(listed(here))
    expect(before.items.filter((item) => item.isUnwatched).map(({ path }) => path)).toEqual(["f/1", "f/2"])
    expect(before.resolved).toHaveLength(3)
    const shown = here.run("ls-files", "-s", "-v", "-f", "--resolve-undo")
    writeFileSync(here.index, before.bytes)
    expect(here.run("ls-files", "-s", "-v", "-f", "--resolve-undo")).toBe(shown)
    here.run("fsck", "--no-dangling")
  })

  it("is the same whatever git has learned of files and trees in between", () => {
    const here = repository(format, 2)
    fill(here)
    here.run("add", "-A")
    here.run("commit", "-qm", "Merged")
    const before = read(here, format).bytes
    utimesSync(join(here.dir, "f/3"), 1, 1)
    here.run("update-index", "-q", "--refresh")
    here.run("write-tree")
    expect(read(here, format).bytes.equals(before)).toBe(true)
    here.write("f/3", "changed")
    here.run("add", "f/3")
    expect(read(here, format).bytes.equals(before)).toBe(false)
  })
})

it("an index in several files, or with folders in it, is left to git", () => {
  const here = repository("sha1", 2)
  here.write("in/a", "1")
  here.write("out/b", "2")
  here.run("add", "-A")
  here.run("commit", "-qm", "One")
  here.run("update-index", "--split-index")
  expect(Staging.parse(readFileSync(here.index), "sha1")).toBeUndefined()
  here.run("update-index", "--no-split-index")
  expect(Staging.parse(readFileSync(here.index), "sha1")?.items).toHaveLength(2)
  here.run("sparse-checkout", "set", "--cone", "--sparse-index", "in")
  expect(Staging.parse(readFileSync(here.index), "sha1")).toBeUndefined()
})

it("what is no index, or only part of one, is not taken for one", () => {
  const here = repository("sha1", 4)
  fill(here)
  const whole = readFileSync(here.index)
  for (const length of [0, 3, 11, 12, 50, 200, whole.length - 30])
    expect(() => Staging.parse(whole.subarray(0, length), "sha1")).toThrow(Error)
})
