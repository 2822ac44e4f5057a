import { execFile, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { build } from "../worker.mjs"

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, "../..")

let folder: string
let made: ReturnType<typeof build>
let tree: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "swe-worker-"))
  made = build(path.join(folder, "made"))
  tree = path.join(folder, "tree")
  await mkdir(tree)
  await run("tar", ["-xzf", made.file, "-C", tree])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test("the worker's program is one file that is named by what is in it", async () => {
  const bytes = await readFile(made.file)
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(made.sha256)
  expect(made).toMatchObject({ file: path.join(folder, "made", `${made.sha256}.tar.gz`), bytes: bytes.length })
  expect(made.bytes).toBeLessThan(2_000_000)
})

test("the same sources give the same file, whoever makes it where", async () => {
  const { stdout } = await run(process.execPath, [path.join(root, "scripts/worker.mjs"), "again"], { cwd: folder })
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
    ...made,
    file: path.join(folder, "again", path.basename(made.file)),
  })
  expect(await readdir(path.join(folder, "again"))).toEqual([path.basename(made.file)])
})

test("nothing in it names a place of the machine that made it, and it has no laptop's sandbox", async () => {
  for (const name of await readdir(tree, { recursive: true })) {
    if (name === "agent") continue
    const text = await readFile(path.join(tree, name), "utf8")
    expect(text.includes(root), name).toBe(false)
    expect(text.includes("bwrap"), name).toBe(false)
  }
})

test("the worker asks the API for its session, with nothing installed around it", async () => {
  const asked: IncomingMessage[] = []
  const api = createServer((request, response) => {
    asked.push(request)
    response.writeHead(401, { "content-type": "application/json" }).end('{"code":"key.unknown","message":"No"}')
  })
  api.listen(0, "127.0.0.1")
  await once(api, "listening")
  const worker = spawn(process.execPath, [path.join(tree, "index.mjs")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      REMOTE_SWE_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}/api/v1`,
      REMOTE_SWE_SESSION_TOKEN: "swe_w_ses_01_secret",
      REMOTE_SWE_WORKER_DIR: path.join(folder, "session"),
      ANTHROPIC_BASE_URL: "http://127.0.0.1:9",
    },
  })
  // Who is refused has been replaced, and leaves in peace.
  expect(await once(worker, "close")).toEqual([0, null])
  api.close()
  expect(asked.map(({ url }) => url)).toContainEqual(expect.stringContaining("/api/v1/worker/session?"))
})

test("the host of its commands is one file", async () => {
  const host = spawn(process.execPath, [path.join(tree, "host.mjs")], { stdio: ["pipe", "pipe", "inherit"] })
  host.stdin.write(`${JSON.stringify({ type: "jobs", id: 1 })}\n`)
  const [answer] = (await once(host.stdout, "data")) as [Buffer]
  expect(JSON.parse(String(answer))).toMatchObject({ problem: { message: "The first request must be hello" } })
  host.stdin.end()
  await once(host, "exit")
  expect(await readFile(path.join(tree, "host.mjs"), "utf8")).not.toMatch(/from "(?!node:)/)
})
