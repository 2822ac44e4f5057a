import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Script } from "../script/index.ts"
import { type Agent, agent, only, outcome, resultTexts } from "../util.ts"

const { call, calls, failure, text } = Script

let it: Agent

beforeEach(async () => {
  it = await agent()
})

/** Whatever happened: every request was valid, and the session goes on. */
afterEach(async () => {
  it.server.push(text("I am still here."))
  const events = await it.ask("Are you still there?")
  expect(outcome(events)).toMatchObject({ outcome: "done" })
  expect(it.server.faults).toEqual([])
  expect(it.errors).toEqual([])
  await it.close()
})

describe("a turn", () => {
  test("ends when the model has said what it has to say", async () => {
    it.server.push(text("Hello!"))
    const events = await it.ask("Hi")
    expect(events.map((event) => event.kind)).toEqual(["message", "turn", "output", "turn"].slice(1))
    expect(only(events, "output")[0]).toMatchObject({ content: [{ type: "text", text: "Hello!" }], stopReason: "end" })
    expect(it.journal.info.usage.cost.usd).toBeCloseTo((10 * 1 + 20 * 10) / 1e6)
  })

  test("runs three parallel calls and gives the model their results", async () => {
    it.server.push(calls(call("echo", { text: "a" }), call("echo", { text: "b" }), call("echo", { text: "c" })))
    it.server.push(text("Done."))
    const events = await it.ask("Go")
    expect(resultTexts(events).toSorted()).toEqual(["a", "b", "c"])
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    expect(it.server.requests[1]?.messages.at(-1)?.content.map((block) => block.content?.[0]?.text)).toEqual([
      "a",
      "b",
      "c",
    ])
  })

  test("answers a call whose input is not JSON with what is wrong about it", async () => {
    it.server.push(calls(call("echo", '{"text": "oops')))
    it.server.push(text("Sorry."))
    const events = await it.ask("Go")
    const [result] = only(events, "result")
    expect(result?.error).toBe(true)
    expect(resultTexts(events)[0]).toContain("not a JSON object")
    expect(resultTexts(events)[0]).toContain('{"text": "oops')
  })
})
