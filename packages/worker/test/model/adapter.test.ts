import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Delta, ModelError, type Request } from "../../src/model/model.ts"
import { create as provide } from "../../src/model/provider.ts"
import { Script } from "../script/index.ts"
import { providers, reach } from "../util.ts"
import { files, request } from "./sent.ts"

let server: Script.Server

beforeAll(async () => {
  server = await Script.start()
})
afterAll(() => server.close())

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof ModelError ? error.problem : error),
  )

describe.each(providers)("the adapter for %s", (provider) => {
  const adapter = (url = server.url) => reach(provider, { url }, files, Date.now)

  async function stream(more: Partial<Request> = {}, signal = new AbortController().signal) {
    const deltas: Delta[] = []
    const reply = await adapter().stream(request(more), { signal, onDelta: (delta) => deltas.push(delta) })
    return { reply, deltas }
  }

  test("gives the same answer however the stream is cut into pieces", async () => {
    const parts: Script.Part[] = [
      { type: "thinking", thinking: "Überlegung 🤔 mit Umlauten", signature: "s" },
      { type: "text", text: "Grüße 👋🏽 aus der Ferne" },
      Script.call("echo", { text: '{"nested": "quotes"} 🎉' }, "toolu_1"),
    ]
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (chunk) => {
        server.push({ parts, chunk })
        const { reply, deltas } = await stream()
        expect(reply.content).toEqual([
          { type: "reasoning", text: "Überlegung 🤔 mit Umlauten", signature: "s" },
          { type: "text", text: "Grüße 👋🏽 aus der Ferne" },
          { type: "call", id: "toolu_1", name: "echo", input: { text: '{"nested": "quotes"} 🎉' } },
        ])
        expect(reply.stopReason).toBe("calls")
        const said = deltas.flatMap((delta) => (delta.type === "text" ? [delta.text] : [])).join("")
        expect(said).toBe("Grüße 👋🏽 aus der Ferne")
      }),
      { numRuns: 20 },
    )
  })

  test("counts what was charged, the cache apart", async () => {
    const usage = { input_tokens: 7, output_tokens: 90, cache_read_input_tokens: 1_000 }
    server.push(Script.text("Hi", { usage }))
    const { reply } = await stream()
    expect(reply.tokens).toEqual({ input: 7, output: 90, cacheRead: 1_000, cacheWrite: 0 })
  })

  test("keeps what was streamed when it is aborted, and drops what is not whole", async () => {
    const controller = new AbortController()
    const parts: Script.Part[] = [
      Script.call("echo", { text: "whole" }, "toolu_1"),
      Script.call("echo", { text: "half" }, "toolu_2"),
    ]
    server.push({ parts: [{ type: "text", text: "First." }, ...parts], unfinished: true, ending: { type: "hang" } })
    const reply = await adapter().stream(request(), {
      signal: controller.signal,
      onDelta: (delta) => delta.type === "input" && delta.text.includes("half") && controller.abort(),
    })
    expect(reply.stopReason).toBe("aborted")
    expect(reply.content.map((block) => (block.type === "call" ? block.id : block.type))).toEqual(["text", "toolu_1"])
  })

  test("answers at once when it was aborted before it began", async () => {
    const { reply } = await stream({}, AbortSignal.abort())
    expect(reply).toMatchObject({ content: [], stopReason: "aborted" })
  })

  test.each<[Script.Reply, string]>([
    [Script.failure(429, "rate_limit_error", "…"), "rate"],
    [Script.failure(529, "overloaded_error", "…"), "overloaded"],
    [Script.failure(500, "api_error", "…"), "server"],
    [Script.failure(504, "timeout_error", "…"), "server"],
    [Script.failure(401, "authentication_error", "…"), "credentials"],
    [Script.failure(403, "permission_error", "…"), "credentials"],
    [Script.failure(404, "not_found_error", "…"), "invalid"],
    [Script.failure(413, "request_too_large", "…"), "too_long"],
    [Script.failure(400, "invalid_request_error", "prompt is too long: 2 > 1"), "too_long"],
    [Script.text("…", { ending: { type: "error", error: "overloaded_error", message: "…" } }), "overloaded"],
    [Script.text("…", { ending: { type: "error", error: "rate_limit_error", message: "…" } }), "rate"],
    [Script.text("…", { ending: { type: "error", error: "api_error", message: "…" } }), "server"],
    [Script.text("…", { ending: { type: "error", error: "invalid_request_error", message: "…" } }), "invalid"],
    [Script.text("…", { ending: { type: "cut" } }), "network"],
    [Script.text("…", { ending: { type: "close" } }), "network"],
  ])("knows what kind of failure it was (%#)", async (reply, problem) => {
    server.push(reply)
    expect(await problemOf(stream())).toBe(problem)
  })

  test("knows a server that is not there", async () => {
    const options = { signal: new AbortController().signal, onDelta: () => undefined }
    expect(await problemOf(adapter("http://127.0.0.1:1").stream(request(), options))).toBe("network")
  })
})

test("the adapter for anthropic says that there is no key before it asks anybody", async () => {
  const adapter = provide("anthropic", { anthropic: { apiKey: undefined, baseURL: undefined }, files, now: Date.now })
  const options = { signal: new AbortController().signal, onDelta: () => undefined }
  expect(await problemOf(adapter.stream(request(), options))).toBe("credentials")
})
