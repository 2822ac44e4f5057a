import { Identifier } from "@remote-swe/core/identifier"
import type { Body, Info } from "@remote-swe/core/log/schema"
import type { Delta } from "@remote-swe/core/protocol/schema"
import fc from "fast-check"

/** Random logs of a session, as a dashboard may come to read them: not only sensible ones. */

export const sessionID = Identifier.create("session")
const turns = ["a", "b"].map(() => Identifier.create("turn"))
const asks = ["a"].map(() => Identifier.create("ask"))
const turnID = fc.constantFrom(...turns)
const callID = fc.constantFrom("call_1", "call_2", "call_3")
const text = fc.constantFrom("", "hello", "**bold** and `code`\n\n```js\nlet a = 1\n```")
const id = () => Identifier.create("event")

const block = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record({ type: fc.constant("reasoning" as const), text }),
  fc.record({ type: fc.constant("call" as const), id: callID, name: fc.constant("bash"), input: fc.constant({}) }),
)

const body: fc.Arbitrary<Body> = fc.oneof(
  text.map((text): Body => {
    return { id: id(), kind: "message", author: "Ada", source: "web", text, files: [], delivery: "steer" }
  }),
  turnID.map((turnID): Body => ({ id: id(), kind: "turn", turn: { phase: "started", turnID, read: [] } })),
  turnID.map((turnID): Body => ({ id: id(), kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } })),
  {
    weight: 4,
    arbitrary: fc.record({ turnID, content: fc.array(block, { maxLength: 4 }) }).map((some): Body => ({
      ...some,
      id: id(),
      kind: "output",
      read: [],
      model: "demo",
      stopReason: "end",
      tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
      cost: null,
      durationMs: 1,
    })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ turnID, callID, error: fc.boolean() }).map((some): Body => ({
      ...some,
      id: id(),
      kind: "result",
      name: "bash",
      content: [{ type: "text", text: "out" }],
      durationMs: 1,
    })),
  },
  fc.constant(0).map((): Body => ({ id: id(), kind: "stop" })),
  fc.integer({ min: 1, max: 3 }).map((generation): Body => {
    return { id: id(), kind: "joined", generation, host: "here", version: "1", sandbox: "full" }
  }),
  fc
    .constantFrom(...asks)
    .map((askID): Body => ({ id: id(), kind: "ask", askID, type: "question", text: "?", options: [] })),
  fc.constantFrom(...asks).map((askID): Body => ({ id: id(), kind: "answer", askID, text: "yes" })),
  callID.map((callID): Body => {
    const commands = [{ script: "curl", callID }]
    return { id: id(), kind: "denial", host: "example.com", port: 443, why: "domain", commands }
  }),
  fc.constant(0).map((): Body => ({ id: id(), kind: "setting", egress: { allowed: "example.com" } })),
)

export const place = (body: Body, index: number): Info => ({
  ...body,
  sessionID,
  seq: index + 1,
  at: 1_700_000_000_000 + index,
  actor: { type: "user", userID: "owner", name: "Owner" },
})

export const events = (maxLength: number) => fc.array(body, { maxLength }).map((bodies) => bodies.map(place))

const index = fc.nat({ max: 3 })
const offset = fc.option(fc.nat({ max: 12 }), { nil: undefined })
export const delta: fc.Arbitrary<Delta> = fc.oneof(
  fc.record({
    type: fc.constantFrom("text", "reasoning", "input"),
    turnID,
    index,
    text,
    offset,
  }) as fc.Arbitrary<Delta>,
  fc.record({ type: fc.constant("call" as const), turnID, index, callID, name: fc.constant("bash") }),
  fc.record({ type: fc.constant("progress" as const), turnID, callID, text }),
  fc.record({ type: fc.constant("reset" as const), turnID }),
)
