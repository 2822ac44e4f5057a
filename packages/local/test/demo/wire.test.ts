import Anthropic from "@anthropic-ai/sdk"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Demo } from "../../src/demo/index.ts"
import { answer, asked, client, tools } from "./hand.ts"

let server: Demo.Server
beforeAll(async () => {
  server = await Demo.start({ paceMs: 0 })
})
afterAll(() => server.close())

const task = asked("Fix the bug of docs/issues/7-sixty-seconds.md")
const params = { model: "demo", max_tokens: 4_000, tools, messages: [task] } satisfies Anthropic.MessageCreateParams
const results = (reply: Anthropic.Message): Anthropic.ToolResultBlockParam[] =>
  reply.content
    .filter((block) => block.type === "tool_use")
    .map((call) => ({ type: "tool_result", tool_use_id: call.id, content: "ok" }))

test("the events of a stream come in Anthropic's order", async () => {
  const events: Anthropic.RawMessageStreamEvent[] = []
  const stream = await client(server.url).messages.create({ ...params, thinking: { type: "adaptive" }, stream: true })
  for await (const event of stream) events.push(event)

  expect(events[0]?.type).toBe("message_start")
  expect(events.at(-2)).toMatchObject({ type: "message_delta", delta: { stop_reason: "tool_use" } })
  expect(events.at(-1)?.type).toBe("message_stop")
  const open: number[] = []
  const deltas = new Set<string>()
  for (const event of events) {
    if (event.type === "content_block_start") open.push(event.index)
    if (event.type === "content_block_stop") expect(open.at(-1)).toBe(event.index)
    if (event.type === "content_block_delta") {
      expect(open.at(-1)).toBe(event.index)
      deltas.add(event.delta.type)
    }
  }
  expect(open).toEqual([0, 1, 2, 3])
  expect([...deltas].toSorted()).toEqual(["input_json_delta", "signature_delta", "text_delta", "thinking_delta"])
})

test("an answer is the same streamed and whole, but for its ids", async () => {
  const streamed = await answer(server.url, [task])
  const plain = await client(server.url).messages.create({ ...params, thinking: { type: "adaptive" } })
  const bare = (message: Anthropic.Message) =>
    message.content.map((block) => (block.type === "tool_use" ? { ...block, id: "" } : block))
  expect(bare(streamed)).toEqual(bare(plain))
  expect(streamed.usage.output_tokens).toBe(plain.usage.output_tokens)
})

test("it thinks aloud only when it is asked to", async () => {
  const reply = await client(server.url).messages.create(params)
  expect(reply.content.map((block) => block.type)).toEqual(["text", "tool_use", "tool_use"])
})

test("what stood in the last request is read from the cache", async () => {
  const first = await answer(server.url, [task])
  const second = await answer(server.url, [
    task,
    { role: "assistant", content: first.content },
    { role: "user", content: results(first) },
  ])
  expect(first.usage.cache_read_input_tokens).toBe(0)
  expect(second.usage.cache_read_input_tokens).toBeGreaterThan(0)
})

test.for<[string, (first: Anthropic.Message) => Anthropic.MessageParam[], RegExp]>([
  ["a call without a result", (first) => [task, said(first), asked("Go on")], /`tool_use` ids were found without/],
  ["a result without a call", () => [{ role: "user", content: [orphan] }], /unexpected `tool_use_id`/],
  ["two results of a call", (first) => [task, said(first), twice(first)], /single result/],
  ["reasoning that was changed", (first) => [task, forged(first), answered(first)], /Invalid `signature`/],
  ["an assistant who speaks first", () => [{ role: "assistant", content: "Hello" }, task], /first message must use/],
  ["no messages", () => [], /messages/],
])("%s is refused as the real API does", async ([, messages, problem]) => {
  const first = await answer(server.url, [task])
  const refused = await answer(server.url, messages(first)).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Anthropic.BadRequestError)
  expect(String(refused)).toMatch(problem)
})

test("a missing key and an unknown path have Anthropic's errors", async () => {
  const body = JSON.stringify(params)
  const bare = await fetch(`${server.url}/v1/messages`, { method: "POST", body })
  expect(bare.status).toBe(401)
  expect(await bare.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } })
  const lost = await client(server.url)
    .post("/v1/complete", { body: {} })
    .catch((error: unknown) => error)
  expect(lost).toBeInstanceOf(Anthropic.NotFoundError)
  const garbage = await fetch(`${server.url}/v1/messages`, { method: "POST", body: "{", headers: { "x-api-key": "k" } })
  expect(garbage.status).toBe(400)
})

const orphan: Anthropic.ToolResultBlockParam = { type: "tool_result", tool_use_id: "toolu_1", content: "ok" }
const said = (first: Anthropic.Message): Anthropic.MessageParam => ({ role: "assistant", content: first.content })
const answered = (first: Anthropic.Message): Anthropic.MessageParam => ({ role: "user", content: results(first) })
const twice = (first: Anthropic.Message): Anthropic.MessageParam => ({
  role: "user",
  content: [...results(first), ...results(first)],
})
const forged = (first: Anthropic.Message): Anthropic.MessageParam => ({
  role: "assistant",
  content: first.content.map((block) => (block.type === "thinking" ? { ...block, thinking: "Something else" } : block)),
})
