import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, test } from "vitest"
import { prepare } from "../../src/process/host.ts"

test("the sandbox's program is made once for each version, and runs as it is", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "remote-swe-host-"))
  await mkdir(path.join(folder, "an-older-version"))
  const host = await prepare(folder)
  expect(await readFile(host, "utf8")).not.toContain(".ts")
  expect(await prepare(folder)).toBe(host)
  expect(await readdir(folder)).toEqual([path.basename(path.dirname(host))])

  const child = spawn(process.execPath, [host], { stdio: ["pipe", "pipe", "inherit"] })
  child.stdin.write(`${JSON.stringify({ type: "jobs", id: 1 })}\n`)
  const [answer]: Buffer[] = await once(child.stdout, "data")
  expect(JSON.parse(String(answer))).toMatchObject({ id: 1, problem: { message: "The first request must be hello" } })
  child.stdin.end()
  await once(child, "exit")
  await rm(folder, { recursive: true })
})
