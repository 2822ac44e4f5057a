import { Identifier } from "@remote-swe/core/identifier"
import { goOn, History } from "@remote-swe/core/log/history"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { log } from "../../../core/test/log/arbitrary.ts"
import { create } from "../../src/model/anthropic.ts"
import { type Delta, ModelError, type Request } from "../../src/model/model.ts"
import { body } from "../../src/model/wire.ts"
import { Script } from "../script/index.ts"
import { model } from "../util.ts"

let server: Script.Server

beforeAll(async () => {
  server = await Script.start()
})
afterAll(() => server.close())

const files = { load: async () => undefined as Uint8Array | undefined, path: ({ name }: { name: string }) => name }
const hello: History.Message = { role: "user", content: [{ type: "text", text: "Hello" }] }

const request = (more: Partial<Request> = {}): Request => ({
  model,
  system: "Be a test.",
  messages: [hello],
  tools: [{ name: "echo", description: "Says it again.", input: { type: "object", properties: {} } }],
  reasoning: 0,
  ...more,
})

async function stream(more: Partial<Request> = {}, signal = new AbortController().signal) {
  const deltas: Delta[] = []
  const adapter = create({ apiKey: "key", baseURL: server.url, files, now: Date.now })
  const reply = await adapter.stream(request(more), { signal, onDelta: (delta) => deltas.push(delta) })
  return { reply, deltas }
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof ModelError ? error.problem : error),
  )

describe("the adapter for Anthropic", () => {
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
    const adapter = create({ apiKey: "key", baseURL: server.url, files, now: Date.now })
    const reply = await adapter.stream(request(), {
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
    const adapter = create({ apiKey: "key", baseURL: "http://127.0.0.1:1", files, now: Date.now })
    const options = { signal: new AbortController().signal, onDelta: () => undefined }
    expect(await problemOf(adapter.stream(request(), options))).toBe("network")
  })

  test("says that there is no key before it asks anybody", async () => {
    const adapter = create({ apiKey: undefined, baseURL: undefined, files, now: Date.now })
    const options = { signal: new AbortController().signal, onDelta: () => undefined }
    expect(await problemOf(adapter.stream(request(), options))).toBe("credentials")
  })
})

describe("a request", () => {
  const sessionID = Identifier.create("session")

  test("is valid whatever the log holds", async () => {
    await fc.assert(
      fc.asyncProperty(log(sessionID), fc.constantFrom(0, 4_000), async (events, reasoning) => {
        const messages = History.fold(events)
        if (messages.length === 0) return
        if (messages.at(-1)?.role !== "user") messages.push({ role: "user", content: [{ type: "text", text: goOn }] })
        const sent = await body(request({ messages, reasoning }), files)
        expect(Script.validate(JSON.parse(JSON.stringify(sent)))).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test("marks at most four points for the cache, and moves two of them along", async () => {
    const turn = (text: string): History.Message[] => [
      { role: "assistant", model: model.id, content: [{ type: "text", text }] },
      { role: "user", content: [{ type: "text", text: `${text}?` }] },
    ]
    const sent = await body(request({ messages: [hello, ...turn("a"), ...turn("b")] }), files)
    const marked = sent.messages.map(({ content }) => JSON.stringify(content).includes("cache_control"))
    expect(marked).toEqual([false, false, true, false, true])
    expect(JSON.stringify(sent).split('"cache_control"').length - 1).toBe(4)
  })

  test("sends images and PDFs as they are, and describes what the model cannot see", async () => {
    const file = (name: string, type: string, size = 4) => ({ id: Identifier.create("file"), name, type, size })
    const load = async () => Uint8Array.of(1, 2, 3, 4)
    const content: History.Part[] = [
      { type: "image", file: file("a.png", "image/png") },
      { type: "file", file: file("b.pdf", "application/pdf") },
      { type: "image", file: file("c.svg", "image/svg+xml") },
      { type: "image", file: file("d.png", "image/png", 50_000_000) },
      { type: "text", text: "What is this?" },
    ]
    const sent = await body(request({ messages: [{ role: "user", content }] }), { ...files, load })
    const [message] = sent.messages
    const types = typeof message?.content === "string" ? [] : message?.content.map((block) => block.type)
    expect(types).toEqual(["image", "text", "document", "text", "text", "text", "text", "text", "text"])
    expect(JSON.stringify(sent)).toContain("[File c.svg (image/svg+xml, 4 bytes).]")
    expect(JSON.stringify(sent)).toContain("too large to be shown")
    const blind = await body(
      request({ model: { ...model, images: false }, messages: [{ role: "user", content }] }),
      files,
    )
    expect(JSON.stringify(blind)).toContain("cannot see images")
  })

  test("goes without reasoning where the turn began without it", async () => {
    const call = { type: "call" as const, id: "toolu_1", name: "echo", input: {} }
    const messages: History.Message[] = [
      hello,
      { role: "assistant", model: "another", content: [{ type: "reasoning", text: "Hm.", signature: "s" }, call] },
      { role: "user", content: [{ type: "result", callID: "toolu_1", content: [], error: false }] },
    ]
    expect((await body(request({ messages, reasoning: 4_000 }), files)).thinking).toBeUndefined()
    expect((await body(request({ reasoning: 4_000 }), files)).thinking).toMatchObject({ type: "enabled" })
    const adaptive = { ...model, thinking: "adaptive" as const }
    expect((await body(request({ model: adaptive, reasoning: 1 }), files)).thinking).toMatchObject({ type: "adaptive" })
  })
})
