import { describe, expect, test } from "vitest"
import { Script } from "../script/index.ts"
import { only, outcome, providers, resultTexts } from "../util.ts"
import { kinds, over } from "./usable.ts"

const { call, failure, text } = Script

describe.each(providers)("over %s", (provider) => {
  const { agent } = over(provider)

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
      expect(only(events, "output").map((event) => event.content)).toEqual([
        [{ type: "text", text: "A whole answer." }],
      ])
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
})
