import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import * as v from "valibot"
import { afterEach, describe, expect, test } from "vitest"
import { attachmentLimit, textLimit } from "../../src/agent/bound.ts"
import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import { agent as create, type Agent, Echo, model, only, outcome, resultTexts, type Settings } from "../util.ts"

const { call, calls, failure, text } = Script

let it: Agent | undefined

async function agent(settings: Settings = {}) {
  it = await create(settings)
  return it
}

/** Whatever happened: every request was valid, and the session goes on. */
afterEach(async () => {
  if (!it) return
  it.server.push(text("I am still here."))
  const events = await it.ask("Are you still there?")
  expect(outcome(events)).toMatchObject({ outcome: "done" })
  expect(only(events, "output").at(-1)?.content).toEqual([{ type: "text", text: "I am still here." }])
  expect(it.server.faults).toEqual([])
  expect(it.errors).toEqual([])
  await it.close()
})

const kinds = (events: readonly { kind: string }[]) => events.map((event) => event.kind)

/** A tool that waits until the test lets it go on. */
function gate(parallel = false) {
  const started = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const tool = Tool.define({
    name: "gate",
    description: "Waits.",
    input: v.strictObject({}),
    parallel,
    async execute() {
      started.resolve()
      await go.promise
      return "through"
    },
  })
  return { tool, started: started.promise, go: go.resolve }
}

describe("a turn", () => {
  test("ends when the model has said what it has to say", async () => {
    const { server, ask, journal } = await agent()
    server.push(text("Hello!", { usage: { input_tokens: 10, output_tokens: 20 } }))
    const events = await ask("Hi")
    expect(kinds(events)).toEqual(["turn", "output", "turn"])
    expect(only(events, "output")[0]).toMatchObject({ content: [{ type: "text", text: "Hello!" }], stopReason: "end" })
    expect(journal.info.usage.cost.usd).toBeCloseTo((10 * 1 + 20 * 10) / 1e6)
  })

  test("runs three parallel calls and gives the model their results", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", { text: "a" }), call("echo", { text: "b" }), call("echo", { text: "c" })))
    server.push(text("Done."))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    const results = server.requests[1]?.messages.at(-1)?.content
    expect(results?.map((block) => block.content?.[0]?.text)).toEqual(["a", "b", "c"])
  })

  test("runs calls side by side only where all of their tools allow it", async () => {
    const running = { now: 0, most: 0 }
    const count = (name: string, parallel: boolean) =>
      Tool.define({
        name,
        description: "Counts.",
        input: v.strictObject({}),
        parallel,
        async execute() {
          running.most = Math.max(running.most, ++running.now)
          await new Promise((resolve) => setImmediate(resolve))
          running.now--
          return "counted"
        },
      })
    const { server, ask } = await agent({ tools: [count("reads", true), count("writes", false)] })
    server.push(calls(call("reads", {}), call("writes", {}), call("reads", {})), text("One after the other."))
    await ask("Go")
    expect(running.most).toBe(1)
    server.push(calls(call("reads", {}), call("reads", {}), call("reads", {})), text("All at once."))
    await ask("Go")
    expect(running.most).toBe(3)
  })

  test("keeps reasoning with its signature, and redacted reasoning as it came", async () => {
    const { server, ask } = await agent({ reasoning: 4_000 })
    const parts: Script.Part[] = [
      { type: "thinking", thinking: "I should echo.", signature: "sig-1" },
      { type: "redacted", data: "c2VjcmV0" },
      call("echo", { text: "a" }),
    ]
    server.push({ parts }, text("Done."))
    await ask("Go")
    expect(server.requests[1]?.messages[1]?.content.slice(0, 2)).toEqual([
      { type: "thinking", thinking: "I should echo.", signature: "sig-1" },
      { type: "redacted_thinking", data: "c2VjcmV0" },
    ])
    expect(server.requests[1]?.thinking).toEqual({ type: "enabled", budget_tokens: 4_000 })
  })

  test("leaves one model's reasoning out of what another is sent", async () => {
    const other = { ...model, id: "claude-other", providerID: { anthropic: "claude-other" } }
    const { server, ask } = await agent({ models: [model, other] })
    server.push({
      parts: [
        { type: "thinking", thinking: "Hm.", signature: "s" },
        { type: "text", text: "One." },
      ],
    })
    await ask("Go")
    server.push(text("Two."))
    await ask("And now?", { model: other.id })
    expect(server.requests[1]?.model).toBe("claude-other")
    expect(JSON.stringify(server.requests[1])).not.toContain("Hm.")
  })

  test("lasts 200 answers, and each request begins with the one before", async () => {
    const { server, ask } = await agent()
    for (let turn = 0; turn < 200; turn++) server.push(calls(call("echo", { text: `${turn}` })))
    server.push(text("Done."))
    const events = await ask("Go")
    expect(only(events, "result")).toHaveLength(200)
    expect(outcome(events)).toMatchObject({ outcome: "done" })
  })

  test("takes an answer of 2 MB", async () => {
    const { server, ask } = await agent()
    const answer = "words and more words. ".repeat(100_000)
    server.push(text(answer))
    const events = await ask("Write a lot")
    expect(only(events, "output")[0]?.content).toEqual([{ type: "text", text: answer }])
  })

  test("ends at the limit of model calls and says so", async () => {
    const { server, ask } = await agent({ maxCalls: 3 })
    for (let turn = 0; turn < 3; turn++) server.push(calls(call("echo", { text: `${turn}` })))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "limit", problem: { code: "turn.limit" } })
    expect(only(events, "notice")[0]).toMatchObject({ level: "warning", code: "turn.limit" })
  })
})

describe("a call that cannot be run is answered with an error", () => {
  test("when its input is not JSON", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", '{"text": "oops')), text("Sorry."))
    const events = await ask("Go")
    expect(only(events, "result")[0]?.error).toBe(true)
    expect(resultTexts(events)[0]).toMatch(/not a JSON object[\s\S]*\{"text": "oops/)
  })

  test("when its input is JSON of another type", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", '["a"]')), text("Sorry."))
    expect(resultTexts(await ask("Go"))[0]).toContain("of another type")
  })

  test("when there is no such tool", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("fly", { to: "moon" })), text("Sorry."))
    expect(resultTexts(await ask("Go"))[0]).toBe('There is no tool "fly". The tools are: echo')
  })

  test("when its input does not fit the tool", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", { text: 1, more: true })), text("Sorry."))
    expect(resultTexts(await ask("Go"))[0]).toMatch(/- text: .*string/)
  })

  test("when the tool throws", async () => {
    const fail = Tool.define({
      ...Echo,
      name: "fail",
      async execute() {
        throw new VisibleError("missing", "file.missing", "There is no such file")
      },
    })
    const { server, ask } = await agent({ tools: [fail] })
    server.push(calls(call("fail", { text: "" })), text("Sorry."))
    const events = await ask("Go")
    expect(resultTexts(events)).toEqual(["There is no such file"])
    expect(only(events, "result")[0]?.error).toBe(true)
  })

  test("when the tool has a bug, which is reported", async () => {
    const fail = Tool.define({
      ...Echo,
      name: "fail",
      execute() {
        throw new Error("undefined is not a function")
      },
    })
    const { server, ask, errors } = await agent({ tools: [fail] })
    server.push(calls(call("fail", { text: "" })), text("Sorry."))
    expect(resultTexts(await ask("Go"))).toEqual(["The tool failed: undefined is not a function"])
    expect(errors.splice(0)).toHaveLength(1)
  })
})

describe("the output of a call is bounded", () => {
  const say = (output: string | Tool.Output) => Tool.define({ ...Echo, name: "say", execute: async () => output })

  test("binary garbage becomes printable", async () => {
    const garbage = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 167) % 256)).toString("latin1")
    const { server, ask } = await agent({ tools: [say(`\u001b[31mred\u001b[0m\ud800${garbage}`)] })
    server.push(calls(call("say", { text: "" })), text("Done."))
    const shown = resultTexts(await ask("Go"))[0] ?? ""
    expect(shown).toMatch(/^red\ufffd/)
    expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    expect(shown.isWellFormed()).toBe(true)
  })

  test("50 MB become head, tail and the path of the whole", async () => {
    const output = `first line\n${"x".repeat(50_000_000)}\nlast line`
    const { server, ask, spilled } = await agent({ tools: [say(output)] })
    server.push(calls(call("say", { text: "" }, "toolu_big")), text("Done."))
    const shown = resultTexts(await ask("Go"))[0] ?? ""
    expect(shown.length).toBeLessThan(textLimit + 500)
    expect(shown).toMatch(/^first line\n/)
    expect(shown).toMatch(/\nlast line$/)
    expect(shown).toContain("The whole output is in /spill/toolu_big")
    expect(spilled.map((whole) => whole.length)).toEqual([output.length])
  })

  test("nothing is said to be nothing", async () => {
    const { server, ask } = await agent({ tools: [say(" \n")] })
    server.push(calls(call("say", { text: "" })), text("Done."))
    expect(resultTexts(await ask("Go"))).toEqual(["(no output)"])
  })

  test("too many images are left out", async () => {
    const bytes = new Uint8Array([137, 80, 78, 71])
    const file = { id: Identifier.create("file"), name: "a.png", type: "image/png", size: bytes.length }
    const content = Array.from({ length: attachmentLimit + 3 }, () => ({ type: "image" as const, file }))
    const { server, ask } = await agent({ tools: [say({ content })], files: new Map([[file.id, bytes]]) })
    server.push(calls(call("say", { text: "" })), text("Done."))
    const [result] = only(await ask("Go"), "result")
    expect(result?.content).toHaveLength(attachmentLimit + 1)
    expect(server.requests[1]?.messages.at(-1)?.content[0]?.content?.[0]?.source?.data).toBe("iVBORw==")
  })
})

describe("when the provider fails", () => {
  test("429 is waited out for as long as it says", async () => {
    const { server, ask, clock } = await agent()
    server.push(failure(429, "rate_limit_error", "Slow down", { "retry-after": "7" }), text("Done."))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    expect(clock.slept).toEqual([7_500])
  })

  test("429 is waited out until the date that it names", async () => {
    const { server, ask, clock } = await agent()
    const date = new Date(Math.ceil(clock.now() / 1000) * 1000 + 20_000).toUTCString()
    server.push(failure(429, "rate_limit_error", "Slow down", { "retry-after": date }), text("Done."))
    await ask("Go")
    expect(clock.slept[0]).toBeGreaterThan(20_000)
    expect(clock.slept[0]).toBeLessThanOrEqual(21_500)
  })

  test("overload in the middle of the stream is tried again, and what was streamed is forgotten", async () => {
    const { server, ask, deltas } = await agent()
    const ending = { type: "error", error: "overloaded_error", message: "Overloaded" } as const
    server.push(text("Half an answ", { ending, unfinished: true }), text("A whole answer."))
    const events = await ask("Go")
    expect(only(events, "output").map((event) => event.content)).toEqual([[{ type: "text", text: "A whole answer." }]])
    expect(deltas.map((delta) => ("text" in delta ? delta.text : delta.type)).slice(0, 4)).toEqual([
      "Half an answ",
      "reset",
      "retry",
      "A whole answer.",
    ])
  })

  test.each(["cut", "close"] as const)(
    "a connection that is %s in the middle of the stream is tried again",
    async (type) => {
      const { server, ask } = await agent()
      server.push({ parts: [call("echo", { text: "half" })], unfinished: true, ending: { type } }, text("Whole."))
      const events = await ask("Go")
      expect(kinds(events)).toEqual(["turn", "output", "turn"])
    },
  )

  test("500 twice, then success", async () => {
    const { server, ask, clock } = await agent()
    server.push(failure(500, "api_error", "Oops"), failure(500, "api_error", "Oops"), text("Done."))
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "done" })
    expect(clock.slept).toEqual([750, 1_500])
  })

  test("for good, the turn fails visibly after a bounded time", async () => {
    const { server, ask, clock } = await agent()
    for (let attempt = 0; attempt < 11; attempt++) server.push(failure(529, "overloaded_error", "Overloaded"))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "failed", problem: { code: "model.overloaded" } })
    expect(only(events, "notice")[0]?.level).toBe("error")
    expect(clock.slept).toHaveLength(10)
  })

  test("a request that it does not accept is not repeated", async () => {
    const { server, ask, clock } = await agent()
    server.push(failure(404, "not_found_error", "model: claude-test"))
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "failed", problem: { code: "model.invalid" } })
    expect(clock.slept).toEqual([])
  })

  test("credentials that it does not accept are named as such", async () => {
    const { server, ask } = await agent()
    server.push(failure(401, "authentication_error", "invalid x-api-key"))
    expect(outcome(await ask("Go"))).toMatchObject({ problem: { code: "model.credentials" } })
  })
})

describe("an answer that is no proper end", () => {
  test("max_tokens: the model is told to go on", async () => {
    const { server, ask } = await agent()
    server.push(text("The first half, ", { stopReason: "max_tokens" }), text("and the second."))
    const events = await ask("Go")
    expect(only(events, "output").map((event) => event.stopReason)).toEqual(["max_tokens", "end"])
    expect(server.requests[1]?.messages.at(-1)?.content).toMatchObject([{ type: "text", text: "Go on." }])
  })

  test("max_tokens in the middle of a call: the call is not run, and the model learns why", async () => {
    const { server, ask } = await agent()
    server.push({ parts: [call("echo", '{"text":"aaaa')], unfinished: true, stopReason: "max_tokens" }, text("Ok."))
    const events = await ask("Go")
    expect(resultTexts(events)[0]).toContain("smaller pieces")
    expect(outcome(events)).toMatchObject({ outcome: "done" })
  })

  test("max_tokens again and again ends the turn", async () => {
    const { server, ask } = await agent()
    for (let attempt = 0; attempt < 4; attempt++) server.push(text("More, ", { stopReason: "max_tokens" }))
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "failed", problem: { code: "model.cut_off" } })
  })

  test("a refusal fails the turn in plain words", async () => {
    const { server, ask } = await agent()
    server.push(text("I can't", { stopReason: "refusal" }))
    const events = await ask("Do something bad")
    expect(outcome(events)).toMatchObject({ outcome: "failed", problem: { code: "model.refused" } })
  })

  test.each(["pause_turn", "something_new"])("%s: it goes on", async (stopReason) => {
    const { server, ask } = await agent()
    server.push(text("Wait. ", { stopReason }), text("Done."))
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "done" })
  })

  test("an empty answer ends the turn", async () => {
    const { server, ask } = await agent()
    server.push({ parts: [] })
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "done" })
  })
})

describe("a message that comes in while the turn runs", () => {
  test("aborts the stream, keeps what was said, and is read next", async () => {
    const { server, say, turn, streamed } = await agent({ reasoning: 2_000 })
    const parts: Script.Part[] = [
      { type: "thinking", thinking: "Long thoughts.", signature: "sig" },
      { type: "text", text: "I will do the wrong thing: " },
      call("echo", { text: "wrong" }),
    ]
    server.push({ parts, ending: { type: "hang" } }, text("Right."))
    await say("Go")
    const seen = streamed('"wrong"')
    const running = turn()
    await seen
    await say("No, the other one")
    const events = await running
    const outputs = only(events, "output")
    expect(outputs.map((event) => event.stopReason)).toEqual(["aborted", "end"])
    expect(outputs[1]?.read).toEqual([3])
    expect(only(events, "result")).toEqual([])
    expect(server.requests[1]?.messages.at(-1)?.content).toMatchObject([{ text: "No, the other one" }])
  })

  test("is read after the call in progress, and the calls behind it are not run", async () => {
    const { tool, started, go } = gate()
    const { server, say, turn } = await agent({ tools: [tool, Echo] })
    server.push(calls(call("gate", {}), call("echo", { text: "late" })), text("Right."))
    await say("Go")
    const running = turn()
    await started
    await say("Something else")
    go()
    const events = await running
    expect(resultTexts(events)).toEqual(["through", expect.stringContaining("Not run")])
    expect(only(events, "output")[1]?.read).toEqual([4])
    const content = server.requests[1]?.messages.at(-1)?.content
    expect(content?.map((block) => block.type)).toEqual(["tool_result", "tool_result", "text"])
  })

  test("waits for the end of the turn where it is queued", async () => {
    const { tool, started, go } = gate()
    const { server, say, turn } = await agent({ tools: [tool] })
    server.push(calls(call("gate", {})), text("First."))
    await say("Go")
    const running = turn()
    await started
    await say("Then this", { delivery: "queue" })
    go()
    expect(outcome(await running)).toMatchObject({ outcome: "done" })
    expect(server.requests[1]?.messages.at(-1)?.content.map((block) => block.type)).toEqual(["tool_result"])
    server.push(text("Second."))
    const second = await turn()
    expect(only(second, "turn")[0]?.turn).toMatchObject({ phase: "started", read: [expect.any(Number)] })
  })
})

describe("a stop", () => {
  test("aborts the stream and keeps what was said, without reasoning that has no signature", async () => {
    const { server, say, turn, stop, streamed } = await agent()
    const parts: Script.Part[] = [
      { type: "text", text: "I am about to " },
      { type: "thinking", thinking: "unfinished", signature: "never" },
    ]
    server.push({ parts, unfinished: true, ending: { type: "hang" } })
    await say("Go")
    const seen = streamed("unfinished")
    const running = turn()
    await seen
    await stop()
    const events = await running
    expect(outcome(events)).toMatchObject({ outcome: "stopped" })
    expect(only(events, "output").map((event) => event.content)).toEqual([[parts[0]]])
  })

  test("ends a call that heeds no signal, and calls that had not begun", async () => {
    const { tool, started } = gate()
    const { server, say, turn, stop } = await agent({ tools: [tool, Echo] })
    server.push(calls(call("gate", {}), call("echo", { text: "late" })))
    await say("Go")
    const running = turn()
    await started
    await stop()
    const events = await running
    expect(resultTexts(events)).toEqual([expect.stringContaining("Stopped"), expect.stringContaining("Not run")])
    expect(outcome(events)).toMatchObject({ outcome: "stopped" })
  })

  test("ends the wait for a retry", async () => {
    const { server, say, turn, stop, clock } = await agent()
    server.push(failure(529, "overloaded_error", "Overloaded"))
    const slept = Promise.withResolvers<void>()
    clock.sleep = async (_, signal) => {
      slept.resolve()
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
    }
    await say("Go")
    const running = turn()
    await slept.promise
    await stop()
    expect(outcome(await running)).toMatchObject({ outcome: "stopped" })
  })
})

describe("a worker that leaves", () => {
  test("in the middle of a call lets the next one go on with the turn", async () => {
    const { tool, started } = gate()
    const { server, say, turn, leave } = await agent({ tools: [tool] })
    server.push(calls(call("gate", {})))
    await say("Go")
    const running = turn()
    await started
    leave.abort()
    expect(kinds(await running)).toEqual(["turn", "output"])

    server.push(text("It was interrupted."))
    const events = await turn(new AbortController().signal)
    expect(kinds(events)).toEqual(["output", "turn"])
    expect(server.requests[1]?.messages.at(-1)?.content[0]).toMatchObject({ type: "tool_result", is_error: true })
    it = undefined
    expect(server.faults).toEqual([])
    await server.close()
  })

  test("in the middle of an answer leaves nothing behind", async () => {
    const { server, say, turn, leave } = await agent()
    server.push(text("Half", { ending: { type: "hang" } }))
    await say("Go")
    const running = turn()
    await server.received(1)
    leave.abort()
    expect(kinds(await running)).toEqual(["turn"])
    server.push(text("Whole."))
    expect(outcome(await turn(new AbortController().signal))).toMatchObject({ outcome: "done" })
    it = undefined
    await server.close()
  })

  test("after the last answer of a turn leaves only its end to do", async () => {
    const { server, say, turn, leave, log } = await agent()
    server.push(text("Done."))
    await say("Go")
    const controller = new AbortController()
    leave.signal.addEventListener("abort", () => controller.abort())
    await turn(controller.signal)
    // As if the worker had died before it wrote the turn's end.
    expect(log.pop()?.kind).toBe("turn")
    const again = await create()
    for (const event of log) again.log.push(event)
    await again.journal.pull()
    expect(kinds(await again.turn())).toEqual(["turn"])
    expect(again.server.count).toBe(0)
    await again.close()
    it = undefined
    await server.close()
  })
})

describe("money", () => {
  test("at the budget the agent asks, and ends the turn waiting", async () => {
    const { server, ask } = await agent({ budget: 0.0001 })
    server.push(calls(call("echo", { text: "a" })))
    const events = await ask("Go")
    expect(kinds(events)).toEqual(["turn", "output", "result", "ask", "turn"])
    expect(only(events, "ask")[0]).toMatchObject({ type: "budget", text: expect.stringContaining("$0.0001") })
    expect(outcome(events)).toMatchObject({ outcome: "waiting" })
    await it?.hear({ id: Identifier.create("event"), kind: "setting", budget: 1 })
  })

  test("who is refused more money does not ask again", async () => {
    const { server, ask, hear, turn, journal } = await agent({ budget: 0.0001 })
    server.push(calls(call("echo", { text: "a" })))
    await ask("Go")
    const askID = journal.info.waitingOn?.askID ?? ""
    await hear({ id: Identifier.create("event"), kind: "answer", askID, text: "No", approved: false })
    const events = await turn()
    expect(outcome(events)).toMatchObject({ outcome: "limit", problem: { code: "budget.reached" } })
    await hear({ id: Identifier.create("event"), kind: "setting", budget: 1 })
  })

  test("an unknown price is not zero, and is said once", async () => {
    const { price: _, ...unpriced } = model
    const { server, ask, journal } = await agent({ model: unpriced, budget: 1 })
    server.push(calls(call("echo", { text: "a" })), text("Done."), text("Again."))
    const events = [...(await ask("Go")), ...(await ask("Go"))]
    expect(only(events, "notice").map((event) => event.code)).toEqual(["price.unknown"])
    expect(journal.info.usage.cost).toEqual({ usd: 0, unpriced: 3 })
  })
})

describe("a person is asked", () => {
  test("by a tool that has to wait for an answer", async () => {
    const wait = Tool.define({
      ...Echo,
      name: "ask_user",
      execute: async () => ({ content: [{ type: "text" as const, text: "Asked." }], wait: true }),
    })
    const { server, ask } = await agent({ tools: [wait] })
    server.push(calls(call("ask_user", { text: "Which?" })))
    expect(outcome(await ask("Go"))).toMatchObject({ outcome: "waiting" })
  })

  test("when the agent does the same thing again and again, after it was told once", async () => {
    const { server, ask } = await agent()
    for (let time = 0; time < 6; time++) server.push(calls(call("echo", { text: "same" })))
    const events = await ask("Go")
    const nudges = resultTexts(events).map((text) => text.includes("same result"))
    expect(nudges).toEqual([false, false, true, false, false, false])
    expect(only(events, "ask")[0]).toMatchObject({ type: "question" })
    expect(outcome(events)).toMatchObject({ outcome: "waiting" })
  })

  test("when it goes round in a circle of two", async () => {
    const { server, ask } = await agent()
    for (let time = 0; time < 12; time++) server.push(calls(call("echo", { text: time % 2 ? "a" : "b" })))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "waiting" })
    expect(resultTexts(events).filter((text) => text.includes("same result"))).toHaveLength(1)
  })
})
