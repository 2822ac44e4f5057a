import { Identifier } from "@remote-swe/core/identifier"
import { goOn, History } from "@remote-swe/core/log/history"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { log } from "../../../core/test/log/arbitrary.ts"
import type { Request } from "../../src/model/model.ts"
import { model, providers } from "../util.ts"
import { files, hello, request, sent } from "./sent.ts"

describe.each(providers)("a request to %s", (provider) => {
  const sessionID = Identifier.create("session")

  test("is valid whatever the log holds", async () => {
    await fc.assert(
      fc.asyncProperty(log(sessionID), fc.constantFrom(0, 4_000), async (events, reasoning) => {
        const messages = History.fold(events)
        if (messages.length === 0) return
        if (messages.at(-1)?.role !== "user") messages.push({ role: "user", content: [{ type: "text", text: goOn }] })
        expect((await sent(provider, request({ messages, reasoning }))).faults).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test("marks at most four points for the cache, and moves two of them along", async () => {
    const turn = (text: string): History.Message[] => [
      { role: "assistant", model: model.id, content: [{ type: "text", text }] },
      { role: "user", content: [{ type: "text", text: `${text}?` }] },
    ]
    const { body } = await sent(provider, request({ messages: [hello, ...turn("a"), ...turn("b")] }))
    const marked = body.messages.map(({ content }) => JSON.stringify(content).includes("cache_control"))
    expect(marked).toEqual([false, false, true, false, true])
    expect(JSON.stringify(body).split('"cache_control"').length - 1).toBe(4)
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
    const seen = await sent(provider, request({ messages: [{ role: "user", content }] }), { ...files, load })
    expect(seen.faults).toEqual([])
    expect(seen.body.messages[0]?.content.map((block) => block.type)).toEqual([
      "image",
      "text",
      "document",
      "text",
      "text",
      "text",
      "text",
      "text",
      "text",
    ])
    expect(seen.text).toContain("[File c.svg (image/svg+xml, 4 bytes).]")
    expect(seen.text).toContain("too large to be shown")
    const blind = request({ model: { ...model, images: false }, messages: [{ role: "user", content }] })
    expect((await sent(provider, blind)).text).toContain("cannot see images")
  })

  test("goes without reasoning where the turn began without it", async () => {
    const call = { type: "call" as const, id: "toolu_1", name: "echo", input: {} }
    const messages: History.Message[] = [
      hello,
      { role: "assistant", model: "another", content: [{ type: "reasoning", text: "Hm.", signature: "s" }, call] },
      { role: "user", content: [{ type: "result", callID: "toolu_1", content: [], error: false }] },
    ]
    const thinking = async (more: Partial<Request>) => (await sent(provider, request(more))).body.thinking
    expect(await thinking({ messages, reasoning: 4_000 })).toBeUndefined()
    expect(await thinking({ reasoning: 4_000 })).toEqual({ type: "enabled", budget_tokens: 4_000 })
    const adaptive = { ...model, thinking: "adaptive" as const }
    expect(await thinking({ model: adaptive, reasoning: 1 })).toEqual({ type: "adaptive", display: "summarized" })
  })
})
