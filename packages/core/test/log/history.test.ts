import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import { History } from "../../src/log/history.ts"
import type { Body } from "../../src/log/schema.ts"
import { eventID, output } from "../util.ts"
import { log, placed } from "./arbitrary.ts"

const sessionID = Identifier.create("session")
const turnID = Identifier.create("turn")

const say = (text: string): Body => ({
  id: eventID(),
  kind: "message",
  author: "Ada",
  source: "web",
  text,
  files: [],
  delivery: "steer",
})
const start = (...read: number[]): Body => ({ id: eventID(), kind: "turn", turn: { phase: "started", turnID, read } })
const call = (id: string) => ({ type: "call" as const, id, name: "bash", input: {} })
const fold = (...bodies: Body[]) => History.fold(placed(sessionID, bodies))

/** What every provider demands of a history. */
function check(messages: History.Message[]) {
  const ids = new Set<string>()
  for (const [index, message] of messages.entries()) {
    expect(message.role).toBe(index % 2 === 0 ? "user" : "assistant")
    expect(message.content.length).toBeGreaterThan(0)
    if (message.role === "user") continue
    expect(message.content.some((block) => block.type === "text" || block.type === "call")).toBe(true)
    const calls = message.content.filter((block) => block.type === "call").map((block) => block.id)
    const next = messages[index + 1]
    const parts = next?.role === "user" ? next.content : []
    const results = parts.filter((part) => part.type === "result").map((part) => part.callID)
    expect(results).toEqual(calls)
    expect(parts.slice(0, calls.length).every((part) => part.type === "result")).toBe(true)
    for (const id of calls) expect(ids.has(id)).toBe(false)
    for (const id of calls) ids.add(id)
  }
}

describe("the history that the model is sent", () => {
  test("is valid whatever the log holds", () => {
    fc.assert(
      fc.property(log(sessionID), (events) => check(History.fold(events))),
      { numRuns: 2_000 },
    )
  })

  test("folded event by event is the same as folded at once", () => {
    fc.assert(
      fc.property(log(sessionID), (events) => {
        const builder = History.create()
        for (const event of events) builder.push(event)
        expect(builder.messages()).toEqual(History.fold(events))
      }),
    )
  })

  test("has a message where it was read, not where it was written", () => {
    const messages = fold(say("one"), start(1), say("two"), output(turnID), output(turnID, { read: [3] }))
    const texts = messages.flatMap((message) =>
      message.content.map((part) => (part.type === "text" ? part.text : part.type)),
    )
    expect(texts).toEqual(["one", "Done.", "two", "Done."])
  })

  test("answers a call whose worker died", () => {
    const messages = fold(say("go"), start(1), output(turnID, { content: [call("a"), call("b")] }))
    expect(messages.at(-1)?.content).toMatchObject([
      { type: "result", callID: "a", error: true, content: [{ text: History.interrupted }] },
      { type: "result", callID: "b", error: true },
    ])
  })

  test("starts with the summary and drops what it stands for, results of dropped calls too", () => {
    const result: Body = {
      id: eventID(),
      kind: "result",
      turnID,
      callID: "a",
      name: "bash",
      content: [],
      error: false,
      durationMs: 1,
    }
    const messages = fold(
      say("go"),
      start(1),
      output(turnID, { content: [call("a")] }),
      { id: eventID(), kind: "summary", upTo: 3, text: "We began." },
      result,
      output(turnID),
    )
    expect(JSON.stringify(messages)).toContain("We began.")
    expect(JSON.stringify(messages)).not.toContain('"a"')
    check(messages)
  })

  test.each<[string, Body]>([
    ["a summary", { id: eventID(), kind: "summary", upTo: 1, text: "So far." }],
    ["another worker", { id: eventID(), kind: "joined", generation: 2, host: "h", version: "1", sandbox: "none" }],
  ])("leaves out reasoning that stood before %s: it is bound to what has changed", (_, change) => {
    const reasoned = (text: string): Body => ({
      ...output(turnID),
      content: [
        { type: "reasoning", text: `why ${text}`, signature: "s" },
        { type: "redacted", data: "c2VjcmV0" },
        { type: "text", text },
      ],
    })
    const kinds = (messages: History.Message[]) =>
      messages.flatMap(({ role, content }) => (role === "assistant" ? [content.map((block) => block.type)] : []))
    const before = [say("a"), start(1), reasoned("one")]
    expect(kinds(fold(...before))).toEqual([["reasoning", "redacted", "text"]])
    expect(kinds(fold(...before, change, say("b"), start(5), reasoned("two")))).toEqual([
      ["text"],
      ["reasoning", "redacted", "text"],
    ])
  })

  test("keeps what the user said before a stop", () => {
    const messages = fold(say("one"), start(1), say("two"), { id: eventID(), kind: "stop" })
    expect(JSON.stringify(messages)).toContain("two")
  })
})
