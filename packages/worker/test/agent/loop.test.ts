import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { attachmentLimit, textLimit } from "../../src/agent/bound.ts"
import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import { Echo, model, only, outcome, providers, resultTexts } from "../util.ts"
import { kinds, over } from "./usable.ts"

const { call, calls, text } = Script

describe.each(providers)("over %s", (provider) => {
  const { agent } = over(provider)

  describe("a turn", () => {
    test("ends when the model has said what it has to say", async () => {
      const { server, ask, journal } = await agent()
      server.push(text("Hello!", { usage: { input_tokens: 10, output_tokens: 20 } }))
      const events = await ask("Hi")
      expect(kinds(events)).toEqual(["turn", "output", "turn"])
      expect(only(events, "output")[0]).toMatchObject({
        content: [{ type: "text", text: "Hello!" }],
        stopReason: "end",
      })
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
      const other = { ...model, id: "claude-other", providerID: { anthropic: "claude-other", bedrock: "claude-other" } }
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
})
