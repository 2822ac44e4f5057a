import { Identifier } from "@remote-swe/core/identifier"
import { Denial } from "@remote-swe/core/log/schema"
import fc from "fast-check"
import * as v from "valibot"
import { expect, test } from "vitest"
import * as Ledger from "../../src/egress/ledger.ts"

const curl = { name: "command-1", script: "curl https://a.example", callID: "call_1" }
const wget = { name: "command-2", script: "wget a.example", callID: "call_2" }
const job = { name: "command-3", script: "npm start", callID: "call_1", jobID: "job_1" }
const refusal = (host: string, commands = [curl], port = 443) => ({ host, port, why: "domain" as const, commands })

test("a refusal is written down once for each host, port and command", () => {
  const ledger = Ledger.create()
  const { name: _, ...doer } = curl
  expect(ledger.add(refusal("a.example"))).toEqual({
    ...{ kind: "denial", host: "a.example", port: 443, why: "domain" },
    commands: [doer],
  })
  expect(ledger.add(refusal("a.example"))).toBeUndefined()
  expect(ledger.add(refusal("a.example", [curl], 80))).toBeDefined()
  expect(ledger.add(refusal("b.example"))).toBeDefined()
  expect(ledger.add(refusal("a.example", [wget]))).toBeDefined()
  ledger.begin()
  expect(ledger.add(refusal("a.example"))).toBeUndefined()
})

test("fifty are written down in a turn, and the others counted", () => {
  const ledger = Ledger.create()
  const add = (index: number) => ledger.add(refusal(`a${index}.example`))
  const kept = [...Array(60).keys()].map(add).filter((event) => event !== undefined)
  expect(kept).toHaveLength(50)
  expect(add(55)).toBeUndefined()
  expect(ledger.more()).toMatchObject({
    kind: "notice",
    code: "egress.more",
    text: expect.stringContaining(" 10 more "),
  })
  expect(ledger.more()).toBeUndefined()
  ledger.begin()
  expect(add(100)).toBeDefined()
  expect(ledger.more()).toBeUndefined()
})

test("the model hears of a refusal once, at the end of its own call", () => {
  const ledger = Ledger.create()
  ledger.add(refusal("a.example"))
  ledger.add(refusal("b.example", [wget], 80))
  ledger.add({ host: "10.0.0.1", why: "address", port: 80, commands: [curl] })
  const line = ledger.take("call_1")
  expect(line).toMatch(/^\[The network refused a\.example:443, 10\.0\.0\.1:80 \(no public address\): [^\n]*\]$/)
  expect(ledger.take("call_1")).toBeUndefined()
  expect(ledger.take("call_2")).toContain("b.example:80")
})

test("it hears with the next result of what a job did, what an earlier call left behind, and what nobody did", () => {
  const ledger = Ledger.create()
  ledger.take("call_1")
  ledger.add(refusal("a.example"))
  ledger.add(refusal("b.example", [job]))
  ledger.add({ host: "2001:db8::1", port: 53, why: "direct", commands: [] })
  expect(ledger.take("call_9")).toMatch(
    /refused a\.example:443, b\.example:443 by job_1, \[2001:db8::1\]:53 \(without the proxy\): /,
  )
})

test("it hears of many in few words", () => {
  const ledger = Ledger.create()
  for (const index of Array(400).keys()) ledger.add(refusal(`a${index}.example`))
  const line = ledger.take("call_1") ?? ""
  expect(line).toContain("a9.example:443 and 390 more: ")
  expect(line.length).toBeLessThan(1_000)
})

test("it hears what the user has allowed meanwhile", () => {
  const ledger = Ledger.create()
  ledger.widen("a.example")
  ledger.widen("a.example")
  ledger.add(refusal("b.example"))
  expect(ledger.take("call_1")?.split("\n")).toEqual([
    expect.stringContaining("b.example"),
    "[The user has allowed a.example meanwhile.]",
  ])
  expect(ledger.take("call_1")).toBeUndefined()
})

test("whatever is refused, by whatever: the events are valid, and no more than fifty a turn", () => {
  const text = fc.string({ unit: "binary", maxLength: 2_000 })
  const command = fc.record({
    name: fc.constantFrom("1", "2", "3"),
    script: text,
    callID: fc.option(fc.constant("call_1"), { nil: undefined }),
    jobID: fc.option(fc.constant("job_1"), { nil: undefined }),
  })
  const item = fc.record({
    host: fc.domain(),
    port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    why: fc.constantFrom("domain" as const, "address" as const, "direct" as const),
    commands: fc.array(command, { maxLength: 30 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 100, size: "max" }), (items) => {
      const ledger = Ledger.create()
      const events = items.flatMap((refusal) => ledger.add(refusal) ?? [])
      expect(events.length).toBeLessThanOrEqual(50)
      for (const event of events) v.parse(Denial, { id: Identifier.create("event"), ...event })
      const distinct = new Set(items.map((r) => JSON.stringify([r.host, r.port, r.commands.map((c) => c.name)])))
      const counted = Number(/ (\d+) more/.exec(ledger.more()?.text ?? "")?.[1] ?? 0)
      expect(events.length + counted).toBe(distinct.size)
    }),
    { numRuns: 50 },
  )
})
