import type Anthropic from "@anthropic-ai/sdk"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Demo } from "../../src/demo/index.ts"
import { answer, asked, type Meddle, play, workplace } from "./hand.ts"

let server: Demo.Server
let place: Awaited<ReturnType<typeof workplace>>

beforeEach(async () => {
  server = await Demo.start({ paceMs: 0 })
  place = await workplace()
})
afterEach(async () => {
  await server.close()
  await place.remove()
})

const calls = (conversation: Anthropic.MessageParam[]) =>
  conversation.flatMap(({ content }) =>
    typeof content === "string" ? [] : content.flatMap((block) => (block.type === "tool_use" ? [block.name] : [])),
  )

function last(conversation: Anthropic.MessageParam[]) {
  const content = conversation.at(-1)?.content
  return typeof content === "string" ? content : JSON.stringify(content)
}

const onFirst = (name: string, given: Parameters<Meddle>[1]): Meddle => {
  const seen = new Set<string>()
  return (call, real) => {
    const isFirst = call.name === name && seen.size === 0
    seen.add(call.name === name ? call.id : "")
    seen.delete("")
    return isFirst ? given : real
  }
}

test("the suggested task is played to its end: the bug is fixed, tested, committed and pushed", async () => {
  const conversation = await play(server.url, place, [asked(place.task.message)])
  expect(calls(conversation).join(" ")).toBe(
    "title todo read read bash grep read edit edit todo bash write todo bash bash pull_request todo",
  )
  expect(last(conversation)).toContain("all 10 pass")
  expect(last(conversation)).toContain("Pull request 1: lapse#1")
  expect(await place.git("ls-remote", "origin", "demo")).toContain(await place.git("rev-parse", "HEAD"))
  expect(await place.git("diff", "--stat", "origin/main", "HEAD")).toContain("src/format.js")
  expect(await place.git("status", "--porcelain")).toBe("")
})

test("where the bug is fixed already, it says so and ends", async () => {
  await play(server.url, place, [asked(place.task.message)])
  const conversation = await play(server.url, place, [asked(place.task.message)])
  expect(calls(conversation)).not.toContain("edit")
  expect(last(conversation)).toContain("passes already")
})

test("a tool that answers what nobody expected ends the recording, and the answer shows it", async () => {
  const broken = onFirst("edit", { text: "EROFS: read-only file system", error: true })
  const conversation = await play(server.url, place, [asked(place.task.message)], broken)
  expect(calls(conversation)).not.toContain("pull_request")
  expect(last(conversation)).toContain("This is not what I expected")
  expect(last(conversation)).toContain("EROFS: read-only file system")

  const more = await play(server.url, place, [...conversation, asked("Try again")])
  expect(last(more)).toContain("my recording ended early")
})

test.for(["title", "read", "bash", "edit", "write", "pull_request"])(
  "an interrupted %s is repeated, also where it had happened",
  async (name) => {
    const meddle = onFirst(name, { text: "This call was interrupted before it had a result.", error: true })
    const conversation = await play(server.url, place, [asked(place.task.message)], meddle)
    expect(last(conversation)).toContain("Issue 7 is fixed")
    expect(await place.git("rev-list", "--count", "HEAD")).toBe("2")
  },
)

test("a message in the middle is noticed, and the recording goes on", async () => {
  const first = await answer(server.url, [asked(place.task.message)])
  const results = first.content
    .filter((block) => block.type === "tool_use")
    .map((call): Anthropic.ToolResultBlockParam => ({ type: "tool_result", tool_use_id: call.id, content: "ok" }))
  const conversation = await play(server.url, place, [
    asked(place.task.message),
    { role: "assistant", content: first.content },
    { role: "user", content: [...results, { type: "text", text: "And write a changelog" }] },
  ])
  expect(JSON.stringify(conversation[3])).toContain("I have your message")
  expect(last(conversation)).toContain("Issue 7 is fixed")
})

test("what comes after the task gets an honest answer", async () => {
  const done = await play(server.url, place, [asked(place.task.message)])
  const conversation = await play(server.url, place, [...done, asked("Now port it to Rust")])
  expect(calls(conversation)).toEqual(calls(done))
  expect(last(conversation)).toContain("the one task that I know is done")
  expect(last(conversation)).toContain("ANTHROPIC_API_KEY")
})

test("any other task is declined, with the way to a real model", async () => {
  const conversation = await play(server.url, place, [asked("Write a compiler")])
  expect(calls(conversation)).toEqual([])
  expect(last(conversation)).toContain("I play one recorded task")
  expect(last(conversation)).toContain("ANTHROPIC_API_KEY")

  const later = await play(server.url, place, [...conversation, asked(place.task.message)])
  expect(last(later)).toContain("Issue 7 is fixed")
})
