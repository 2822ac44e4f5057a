import { Identifier } from "@remote-swe/core/identifier"
import { History } from "@remote-swe/core/log/history"
import type { Body } from "@remote-swe/core/log/schema"
import fc from "fast-check"
import { afterEach, describe, expect, test } from "vitest"
import * as Compact from "../../src/agent/compact.ts"
import { log } from "../../../core/test/log/arbitrary.ts"
import { Script } from "../script/index.ts"
import { agent as create, type Agent, model, only, outcome, type Settings } from "../util.ts"

const { call, calls, failure, text } = Script

/** A model that is full after a few answers. */
const small = { ...model, context: 10_000, maxOutput: 2_000 }
const long = (word: string) => `${word} `.repeat(1_000)

let it: Agent | undefined

async function agent(settings: Settings = {}) {
  it = await create({ model: small, ...settings })
  return it
}

afterEach(async () => {
  expect(it?.server.faults ?? []).toEqual([])
  await it?.close()
  it = undefined
})

describe("a conversation that fills the model's context", () => {
  test("is summarised, and the work goes on to its end", async () => {
    const { server, ask, journal } = await agent({ script: { summary: text("Goal: echo forty times.") } })
    for (let turn = 0; turn < 40; turn++) server.push(calls(call("echo", { text: `${turn} ${long("word")}` })))
    server.push(text("Done."))
    const events = await ask("Echo forty times.")
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    const summaries = only(events, "summary")
    expect(summaries.length).toBeGreaterThan(3)
    const fronts = summaries.map((event) => event.upTo)
    expect(fronts).toEqual([...new Set(fronts)].toSorted((a, b) => a - b))
    expect(summaries.at(-1)?.text).toContain("Echo forty times.")
    const notes = server.requests.filter((request) => !request.tools).map((request) => JSON.stringify(request.messages))
    for (const later of notes.slice(1)) expect(later).toContain("Goal: echo forty times.")
    // What the summaries took was paid for as well.
    expect(journal.info.usage.calls).toBe(41 + summaries.length)
    expect(journal.events().length).toBeLessThan(40)
  })

  test("counts what came in since the last answer before it asks", async () => {
    const { server, ask } = await agent()
    const many = Array.from({ length: 8 }, (_, index) => call("echo", { text: `${index} ${long("word")}` }))
    server.push(calls(...many), text("Done."))
    const events = await ask("Go")
    expect(only(events, "summary")).toHaveLength(1)
    expect(outcome(events)).toMatchObject({ outcome: "done" })
  })

  test("is summarised when the provider says that it is too long, though we thought it was not", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", { text: "a" })))
    server.push(failure(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"))
    server.push(text("Done."))
    const events = await ask("Do this.")
    expect(only(events, "summary")).toHaveLength(1)
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    const [first] = server.requests.at(-1)?.messages ?? []
    expect(JSON.stringify(first)).toContain("Do this.")
  })

  test("is given up visibly when summaries do not help", async () => {
    const { server, ask } = await agent()
    server.push(calls(call("echo", { text: "a" })), calls(call("echo", { text: "b" })))
    for (let attempt = 0; attempt < 3; attempt++)
      server.push(failure(413, "request_too_large", "Request exceeds the maximum size"))
    const events = await ask("Go")
    expect(outcome(events)).toMatchObject({ outcome: "failed", problem: { code: "context.full" } })
    expect(only(events, "summary").length).toBeLessThanOrEqual(Compact.mostInARow)
    server.push(text("Here again."))
    expect(outcome(await ask("And now?"))).toMatchObject({ outcome: "done" })
  })

  test("goes on without notes that the model will not write", async () => {
    const { server, ask } = await agent({ script: { summary: text("", { stopReason: "refusal" }) } })
    for (let turn = 0; turn < 8; turn++) server.push(calls(call("echo", { text: `${turn} ${long("word")}` })))
    server.push(text("Done."))
    const events = await ask("Go")
    expect(only(events, "summary")[0]?.text).toContain("RESULT: 0 word word")
    expect(outcome(events)).toMatchObject({ outcome: "done" })
  })

  test("whose newest message alone is too long fails in words", async () => {
    const { ask } = await agent()
    const events = await ask(long("word").repeat(30))
    expect(outcome(events)).toMatchObject({ outcome: "failed", problem: { code: "context.full" } })
  })
})

describe("a plan of what to summarise", () => {
  const sessionID = Identifier.create("session")

  test("covers whole groups only, and always more than before, whatever the log holds", () => {
    fc.assert(
      fc.property(log(sessionID), fc.integer({ min: 0, max: 2 }), (events, inARow) => {
        const plan = Compact.plan({ events, newest: undefined, model: { ...model, context: 2_000 }, inARow })
        if (!plan) return
        const last = only(events, "summary").at(-1)
        expect(plan.upTo).toBeGreaterThan(last?.upTo ?? 0)
        const body: Body = { id: Identifier.create("event"), kind: "summary", upTo: plan.upTo, text: "so far" }
        const actor = { type: "system" } as const
        const after = History.fold([...events, { sessionID, seq: events.length + 1, at: 0, actor, ...body }])
        expect(after[0]?.role).toBe("user")
        expect(after.length).toBeLessThanOrEqual(History.fold(events).length + 1)
      }),
      { numRuns: 500 },
    )
  })

  test("keeps the newest message word for word, also when it was covered before", async () => {
    const { server, ask } = await agent({ script: { summary: text("Notes.") } })
    for (let turn = 0; turn < 30; turn++) server.push(calls(call("echo", { text: `${turn} ${long("word")}` })))
    server.push(text("Done."))
    const events = await ask("Mind the gap.")
    const summaries = only(events, "summary")
    expect(summaries.length).toBeGreaterThan(2)
    for (const summary of summaries) expect(summary.text).toMatch(/^Notes\.[\s\S]*Mind the gap\./)
  })
})
