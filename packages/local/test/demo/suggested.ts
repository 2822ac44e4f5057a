import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import type { Client } from "@remote-swe/core/client"
import type { Read } from "@remote-swe/core/log/schema"
import { expect } from "vitest"
import { message } from "../../src/demo/repository.ts"

const execute = promisify(execFile)

const git = async (repository: string, ...args: string[]) =>
  (await execute("git", [`--git-dir=${repository}`, ...args])).stdout.trim()

/** All events up to the end of a turn. */
export async function turn(api: Client.Rest, sessionID: string, after = 0) {
  const events: Read[] = []
  for await (const event of api.stream(sessionID, { after })) {
    events.push(event)
    if (event.kind === "turn" && event.turn.phase === "ended") break
  }
  return events
}

export const texts = (events: Read[]) =>
  events.flatMap((event) =>
    event.kind === "output" ? event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) : [],
  )

/** The suggested task by REST: up to its pull request, and an honest answer to what comes after it. */
export async function suggested(api: Client.Rest, repository: string) {
  const session = await api.create({ message, repository })
  const events = await turn(api, session.id)
  expect(events.at(-1)).toMatchObject({ turn: { phase: "ended", outcome: "done" } })
  expect(texts(events).at(-1)).toContain("all 10 pass")

  const info = await api.get(session.id)
  expect(info.title).toBe("Fix format() counting to sixty")
  expect(info.todo.every((item) => item.status === "done")).toBe(true)
  expect(info.pullRequests).toHaveLength(1)
  const branch = info.branch ?? ""
  expect(await git(repository, "log", "-1", "--format=%s", branch)).toBe("Carry when format rounds up to the next unit")
  expect(await git(repository, "diff", "--name-only", "main", branch)).toBe("src/format.js\ntest/carry.test.js")
  const record = JSON.parse(await readFile(path.join(repository, "remote-swe/pull-request/1.json"), "utf8"))
  expect(record).toMatchObject({ title: "Carry when format rounds up to the next unit", branch, base: "main" })
  const { repositories } = await api.diff(session.id)
  expect(repositories.flatMap(({ changes }) => changes.map((change) => change.path))).toEqual([
    "src/format.js",
    "test/carry.test.js",
  ])

  const { seq } = await api.send(session.id, { message: "Now port it to Rust" })
  expect(texts(await turn(api, session.id, seq)).join()).toContain("the one task that I know is done")
}
