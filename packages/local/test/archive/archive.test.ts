import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { message } from "../../src/demo/repository.ts"
import { turn, texts } from "../demo/suggested.ts"
import { folder, run, start, type System } from "../system.ts"

/** Sessions leave one installation as folders and go on in another. */
let homes: Awaited<ReturnType<typeof folder>>
let one: System
let other: System
let sessionID: string

const place = (...names: string[]) => path.join(homes.path, ...names)

beforeAll(async () => {
  homes = await folder()
  ;[one, other] = await Promise.all([start({ home: place("one") }), start({ home: place("other") })])
  const bytes = new TextEncoder().encode("a,b\n1,2\n")
  const file = await one.api.upload("table.csv", "text/csv", bytes)
  const repository = place("one", "sample", "lapse.git")
  sessionID = (await one.api.create({ message, repository, files: [file], budget: 5 })).id
  const events = await turn(one.api, sessionID)
  // What the turn has left is saved when it has ended.
  const after = events.at(-1)?.seq ?? 0
  for await (const { kind } of one.api.stream(sessionID, { after })) if (kind === "snapshot") break
})
afterAll(async () => {
  await Promise.all([one.end("SIGTERM"), other.end("SIGTERM")])
  await homes.remove()
})

async function command(args: string[], system: System, home: string) {
  const process = run({ home, args, env: { REMOTE_SWE_API_KEY: system.key } })
  const { code } = await process.ended
  return { code, output: process.output() }
}

test("an export holds what a session is, its whole log and its files", async () => {
  const { code, output } = await command(["export", place("out")], one, place("one"))
  expect(output).toContain(`Exported 1 to ${place("out")}`)
  expect(code).toBe(0)
  const files = await readdir(place("out", sessionID, "files"))
  const { session } = JSON.parse(await readFile(place("out", sessionID, "session.json"), "utf8"))
  expect(session).toMatchObject({ id: sessionID, budget: 5 })
  const lines = (await readFile(place("out", sessionID, "events.jsonl"), "utf8")).trim().split("\n")
  expect(lines).toHaveLength((await one.api.get(sessionID)).head)
  expect(lines.map((line) => JSON.parse(line).cut)).not.toContain(true)
  const contents = await Promise.all(files.map((name) => readFile(place("out", sessionID, "files", name), "utf8")))
  expect(contents).toContain("a,b\n1,2\n")
  expect(files.length).toBeGreaterThan(1)
})

test("elsewhere it goes on from there, with its work", async () => {
  const { code, output } = await command(["import", place("out"), "--url", other.url], other, place("unused"))
  expect(code, output).toBe(0)
  const id = /session\/(ses_[a-z0-9]+)/.exec(output)?.[1] ?? ""
  expect(await other.api.get(id)).toMatchObject({ title: "Fix format() counting to sixty", status: "idle", budget: 5 })
  const { seq } = await other.api.send(id, { message: "What now?" })
  const events = await turn(other.api, id, seq)
  expect(texts(events).join()).toContain("the one task that I know is done")
  expect(events.map((event) => event.kind === "notice" && event.code)).not.toContain("workspace.lost")
  const changed = async () =>
    (await other.api.diff(id)).repositories.flatMap(({ changes }) => changes.map(({ path }) => path))
  await expect.poll(changed, { timeout: 20_000 }).toContain("src/format.js")
})

test("a task is given there as well, without what only this folder has", async () => {
  const { code, output } = await command(["run", "Say hello", "--url", other.url], other, place("unused"))
  expect(code, output).toBe(0)
  const id = /session\/(ses_[a-z0-9]+)/.exec(output)?.[1] ?? ""
  const { repository, last } = await other.api.get(id)
  expect({ repository, said: last?.text }).toEqual({ repository: undefined, said: expect.any(String) })
})

test("what is no export, or a system that cannot be reached, is said in words", async () => {
  await mkdir(place("empty", "ses"), { recursive: true })
  const none = await command(["import", place("empty")], other, place("other"))
  expect(none).toMatchObject({ code: 1, output: expect.stringContaining("There is no session.json") })
  await writeFile(place("empty", "ses", "session.json"), `{"format":"remote-swe-session","version":2}`)
  const newer = await command(["import", place("empty")], other, place("other"))
  expect(newer).toMatchObject({ code: 1, output: expect.stringContaining("of another version") })
  await rm(place("empty"), { recursive: true })
  const keyless = run({ home: place("unused"), args: ["export", place("x"), "--url", other.url] })
  expect(await keyless.ended).toMatchObject({ code: 1 })
  expect(keyless.output()).toContain("REMOTE_SWE_API_KEY")
})
