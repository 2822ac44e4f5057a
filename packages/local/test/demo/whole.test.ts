import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { message } from "../../src/demo/repository.ts"
import { folder, start, type System } from "../system.ts"
import { suggested, texts, turn } from "./suggested.ts"

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

test("the suggested task ends in a pull request, and a follow-up gets an honest answer", async () => {
  await suggested(system.api, repository())
})

test("a task that it does not know is declined, with the way to a real model", async () => {
  const session = await system.api.create({ message: "Write a compiler" })
  const events = await turn(system.api, session.id)
  expect(events.at(-1)).toMatchObject({ turn: { outcome: "done" } })
  expect(texts(events).join()).toContain("ANTHROPIC_API_KEY")
  expect(system.output()).toContain("Demo model")
})

test("the suggested task without its repository is given up, and the answer says why", async () => {
  const session = await system.api.create({ message })
  const said = texts(await turn(system.api, session.id)).at(-1)
  expect(said).toContain("This is not what I expected")
  expect(said).toContain("sample repository")
})
