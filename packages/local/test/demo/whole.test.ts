import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import type { Read } from "@remote-swe/core/log/schema"
import { afterAll, beforeAll, expect, test } from "vitest"
import { message } from "../../src/demo/repository.ts"
import { folder, start, type System } from "../system.ts"

const execute = promisify(execFile)

/** The demo as somebody without a key sees it: the whole system, and a task that came by REST. */
let home: Awaited<ReturnType<typeof folder>>
let system: System

beforeAll(async () => {
  home = await folder()
  system = await start({ home: home.path })
})
afterAll(async () => {
  await system.end("SIGTERM")
  await home.remove()
})

const repository = () => path.join(home.path, "sample", "lapse.git")
const git = async (...args: string[]) => (await execute("git", [`--git-dir=${repository()}`, ...args])).stdout.trim()

/** All events up to the end of a turn. */
async function turn(sessionID: string, after = 0) {
  const events: Read[] = []
  for await (const event of system.api.stream(sessionID, { after })) {
    events.push(event)
    if (event.kind === "turn" && event.turn.phase === "ended") break
  }
  return events
}

const texts = (events: Read[]) =>
  events.flatMap((event) =>
    event.kind === "output" ? event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) : [],
  )

test("the suggested task ends in a pull request, and a follow-up gets an honest answer", async () => {
  const session = await system.api.create({ message, repository: repository() })
  const events = await turn(session.id)
  expect(events.at(-1)).toMatchObject({ turn: { phase: "ended", outcome: "done" } })
  expect(texts(events).at(-1)).toContain("all 10 pass")

  const info = await system.api.get(session.id)
  expect(info.title).toBe("Fix format() counting to sixty")
  expect(info.todo.every((item) => item.status === "done")).toBe(true)
  expect(info.pullRequests).toHaveLength(1)
  const branch = info.branch ?? ""
  expect(await git("log", "-1", "--format=%s", branch)).toBe("Carry when format rounds up to the next unit")
  expect(await git("diff", "--name-only", "main", branch)).toBe("src/format.js\ntest/carry.test.js")
  const record = JSON.parse(await readFile(path.join(repository(), "remote-swe/pull-request/1.json"), "utf8"))
  expect(record).toMatchObject({ title: "Carry when format rounds up to the next unit", branch, base: "main" })
  const { repositories } = await system.api.diff(session.id)
  expect(repositories.flatMap(({ changes }) => changes.map((change) => change.path))).toEqual([
    "src/format.js",
    "test/carry.test.js",
  ])

  const { seq } = await system.api.send(session.id, { message: "Now port it to Rust" })
  expect(texts(await turn(session.id, seq)).join()).toContain("the one task that I know is done")
})

test("a task that it does not know is declined, with the way to a real model", async () => {
  const session = await system.api.create({ message: "Write a compiler" })
  const events = await turn(session.id)
  expect(events.at(-1)).toMatchObject({ turn: { outcome: "done" } })
  expect(texts(events).join()).toContain("ANTHROPIC_API_KEY")
  expect(system.output()).toContain("Demo model")
})

test("the suggested task without its repository is given up, and the answer says why", async () => {
  const session = await system.api.create({ message })
  const said = texts(await turn(session.id)).at(-1)
  expect(said).toContain("This is not what I expected")
  expect(said).toContain("sample repository")
})
