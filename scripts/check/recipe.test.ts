import { execFile } from "node:child_process"
import { chmod, cp, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const run = promisify(execFile)
let folder: string

beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), "recipe-"))))
afterAll(() => rm(folder, { recursive: true }))

interface Built {
  file: string
  sha256: string
  bytes: number
  floor: number
}

async function build(recipe: string): Promise<Built> {
  const program = path.join(root, "scripts/recipe.mjs")
  const { stdout } = await run(process.execPath, [program, path.join(folder, "out"), recipe])
  return JSON.parse(stdout)
}

async function copy(name: string) {
  const place = path.join(folder, name)
  await cp(path.join(root, "worker-ami"), place, { recursive: true })
  return place
}

test("a recipe is what it holds, not whose files they are, when they were written, or what tests it", async () => {
  const here = await build(path.join(root, "worker-ami"))
  const there = await copy("there")
  for (const name of ["install.sh", "conf/host.env"]) await utimes(path.join(there, name), 0, 1_000)
  await chmod(path.join(there, "install.sh"), 0o700)
  await chmod(path.join(there, "conf/host.env"), 0o600)
  await writeFile(path.join(there, ".swp"), "")
  await writeFile(path.join(there, "test/boot.test.ts"), "")
  expect(await build(there)).toEqual(here)
  expect((await readFile(here.file)).length).toBe(here.bytes)
  expect(here.floor).toBeGreaterThan(0)
})

test("whatever ends up on a machine makes another recipe", async () => {
  const here = await build(path.join(root, "worker-ami"))
  const changed = await copy("changed")
  await writeFile(path.join(changed, "conf/packages.txt"), "git\n")
  const closed = await copy("closed")
  await chmod(path.join(closed, "install.sh"), 0o600)
  expect(new Set([here, await build(changed), await build(closed)].map((item) => item.sha256)).size).toBe(3)
})

test("a recipe unpacks to a program that can be run", async () => {
  const { file } = await build(path.join(root, "worker-ami"))
  const place = await mkdtemp(path.join(folder, "unpacked-"))
  await run("tar", ["--extract", "--file", file, "--directory", place])
  const failure = await run(path.join(place, "worker-ami/install.sh"), ["--help"]).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("install.sh [--skip <part>]") })
})

test("a floor that is no number is refused", async () => {
  const wrong = await copy("wrong")
  await writeFile(path.join(wrong, "conf/floor.txt"), "one\n")
  await expect(build(wrong)).rejects.toThrow("worker-ami/conf/floor.txt must hold a whole number")
})
