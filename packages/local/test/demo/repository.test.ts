import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "vitest"
import { prepare } from "../../src/demo/index.ts"

const execute = promisify(execFile)
let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "sample of a demo "))
})
afterEach(() => rm(home, { recursive: true }))

const git = async (repository: string, ...args: string[]) =>
  (await execute("git", [`--git-dir=${repository}`, ...args])).stdout.trim()

test("the sample is a repository with one commit, the same every time and everywhere", async () => {
  const { repository } = await prepare(home)
  const other = await prepare(path.join(home, "elsewhere"))
  const head = await git(repository, "rev-parse", "main")
  expect(await git(other.repository, "rev-parse", "main")).toBe(head)
  expect(await git(repository, "rev-list", "--count", "main")).toBe("1")
  expect(await git(repository, "ls-tree", "-r", "--name-only", "main")).toContain("docs/issues/7-sixty-seconds.md")
  expect(await git(repository, "symbolic-ref", "HEAD")).toBe("refs/heads/main")
  await git(repository, "fsck", "--strict")
})

test("a second start leaves branches alone and brings main back", async () => {
  const { repository } = await prepare(home)
  const head = await git(repository, "rev-parse", "main")
  const id = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
  const commit = await git(repository, ...id, "commit-tree", `${head}^{tree}`, "-p", head, "-m", "More")
  await git(repository, "update-ref", "refs/heads/feature", commit)
  await git(repository, "update-ref", "refs/heads/main", commit)
  await prepare(home)
  expect(await git(repository, "rev-parse", "main")).toBe(head)
  expect(await git(repository, "rev-parse", "feature")).toBe(commit)
})
