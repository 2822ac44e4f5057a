import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { linksOf } from "@remote-swe/core/log/schema"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { tools } from "../../src/tool/index.ts"
import { Script } from "../script/index.ts"
import { only, outcome, resultTexts } from "../util.ts"
import { type Cloud, start } from "./cloud.ts"

const { call, calls, text } = Script
const main = fileURLToPath(new URL("./victim.ts", import.meta.url))

let cloud: Cloud

beforeAll(async () => {
  cloud = await start()
})
afterAll(() => cloud.close())
afterEach(() => expect(cloud.script.faults).toEqual([]))

function repository(name: string) {
  const folder = join(cloud.folder, name)
  mkdirSync(folder)
  writeFileSync(join(folder, "main.ts"), "export const answer = 41\n")
  const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" }).trim()
  git("init", "-q", "-b", "main")
  git("add", ".")
  git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-qm", "First")
  return { folder, head: git("rev-parse", "HEAD") }
}

const snapshots = async (id: string) => only(await cloud.events(id), "snapshot")

test("a worker that has to leave in the middle of a turn saves before it goes", async () => {
  const { folder } = repository("notice")
  const session = await cloud.create({ message: "Do it.", repository: folder })
  cloud.script.push(calls(call("bash", { command: "cd notice; echo half > uncommitted; echo begun; sleep 1000" })))
  const first = await cloud.worker(session.id, tools)
  // Not what the model says of the command, but what the command says.
  await cloud.broker.seen((message) => (message as { type?: string }).type === "progress")
  first.leave()
  await first.done
  const events = await cloud.events(session.id)
  expect(events.slice(-2).map((event) => event.kind)).toEqual(["snapshot", "left"])
  cloud.script.push(calls(call("bash", { command: "cat notice/uncommitted" })), text("Done."))
  const second = await cloud.worker(session.id, tools)
  await cloud.until(session.id, (info) => info.last?.text === "Done.")
  second.leave()
  await second.done
  expect(resultTexts(await cloud.events(session.id)).at(-1)).toBe("half")
})

test("a worker killed in the middle of a turn loses little: the next, on an empty machine, ends the task", async () => {
  const { folder, head } = repository("task")
  const session = await cloud.create({ message: "Do it.", repository: folder })
  const long = "cd task; echo half > uncommitted; echo done >> main.ts; git commit -qam Half; sleep 1000"
  cloud.script.push(calls(call("bash", { command: long })))
  const config = {
    apiURL: cloud.url,
    sessionID: session.id,
    token: await cloud.token(session.id),
    dir: join(cloud.folder, "victim"),
    model: cloud.script.url,
  }
  const first = spawn(process.execPath, [main, JSON.stringify(config)], { stdio: ["ignore", "ignore", "inherit"] })
  // The commit is made after everything else, so a snapshot that has it has all.
  for (;;) {
    const saved = (await snapshots(session.id)).at(-1)
    if (saved && saved.repositories[0]?.head !== head) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  first.kill("SIGKILL")
  await once(first, "exit")
  expect(outcome(await cloud.events(session.id))).toBeUndefined()

  cloud.script.push(
    calls(call("bash", { command: "cd task; git log --format=%s; git status --short; tail -1 main.ts" })),
    calls(call("bash", { command: "cd task; git add -A; git commit -qm Whole; git status --short" })),
    text("Done."),
  )
  const second = await cloud.worker(session.id, tools)
  await cloud.until(session.id, (info) => info.last?.text === "Done." && info.status === "idle")
  second.leave()
  await second.done
  const events = await cloud.events(session.id)
  expect(outcome(events)).toMatchObject({ outcome: "done" })
  expect(JSON.stringify(cloud.script.requests.at(-3)?.messages.at(-1))).toContain("interrupted")
  expect(resultTexts(events)).toEqual(["Half\nFirst\n?? uncommitted\ndone", "(no output)"])

  // What no snapshot needs is gone, and the last one can be had as a whole.
  const saved = only(events, "snapshot")
  const files = saved.map(({ repositories }) => repositories.flatMap(linksOf).map(({ id }) => id))
  const needed = new Set([...(files.at(-1) ?? []), ...(saved.at(-1)?.kept ?? [])])
  expect(new Set(await cloud.having(session.id, files.flat()))).toEqual(needed)
})
