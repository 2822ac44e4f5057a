import { Identifier } from "@remote-swe/core/identifier"
import { describe, expect, test } from "vitest"
import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import { Echo, model, only, outcome, providers, resultTexts } from "../util.ts"
import { abandon, gate, kinds, over } from "./usable.ts"

const { call, calls, failure, text } = Script

describe.each(providers)("over %s", (provider) => {
  const { agent, fresh } = over(provider)

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
      abandon()
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
      abandon()
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
      const again = await fresh()
      for (const event of log) again.log.push(event)
      await again.journal.pull()
      expect(kinds(await again.turn())).toEqual(["turn"])
      expect(again.server.count).toBe(0)
      await again.close()
      abandon()
      await server.close()
    })
  })

  describe("money", () => {
    test("at the budget the agent asks, and ends the turn waiting", async () => {
      const { server, ask, hear } = await agent({ budget: 0.0001 })
      server.push(calls(call("echo", { text: "a" })))
      const events = await ask("Go")
      expect(kinds(events)).toEqual(["turn", "output", "result", "ask", "turn"])
      expect(only(events, "ask")[0]).toMatchObject({ type: "budget", text: expect.stringContaining("$0.0001") })
      expect(outcome(events)).toMatchObject({ outcome: "waiting" })
      await hear({ id: Identifier.create("event"), kind: "setting", budget: 1 })
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
})
