import fc from "fast-check"
import { Identifier } from "../../src/identifier.ts"
import type { Why } from "../../src/egress/schema.ts"
import type { Body, Info } from "../../src/log/schema.ts"
import { eventID, joined, output, system } from "../util.ts"

/** Random logs, not only sensible ones: a reader must survive what two dying workers leave behind. */

const turns = ["a", "b", "c"].map(() => Identifier.create("turn"))
const asks = ["a", "b"].map(() => Identifier.create("ask"))
const turnID = fc.constantFrom(...turns)
const callID = fc.constantFrom("call_1", "call_2", "call_3", "call_4", "call_5")
const seqs = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 4 })
const text = fc.constantFrom("", " ", "hello", "multi\nline")

const host = fc.constantFrom("example.com", "example.org:8443")
const why = fc.constantFrom("domain" as const, "address" as const, "direct" as const)

const block = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record({ type: fc.constant("reasoning" as const), text, signature: fc.constant("sig") }),
  fc.record({ type: fc.constant("call" as const), id: callID, name: fc.constant("bash"), input: fc.constant({}) }),
)

const body: fc.Arbitrary<Body> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ text, delivery: fc.constantFrom("steer" as const, "queue" as const) }).map(said),
  },
  { weight: 3, arbitrary: fc.record({ turnID, read: seqs }).map(started) },
  {
    weight: 2,
    arbitrary: fc.record({ turnID, outcome: fc.constantFrom("done" as const, "failed" as const) }).map(ended),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ turnID, read: seqs, content: fc.array(block, { maxLength: 4 }) })
      .map(({ turnID, ...extra }) => output(turnID, extra)),
  },
  { weight: 6, arbitrary: fc.record({ turnID, callID }).map(result) },
  { weight: 1, arbitrary: fc.constant(0).map((): Body => ({ id: eventID(), kind: "stop" })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map(joined) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 4 })
      .map((generation): Body => ({ id: eventID(), kind: "left", generation, reason: "lost" })),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 40 })
      .map((upTo): Body => ({ id: eventID(), kind: "summary", upTo, text: "so far" })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...asks)
      .map((askID): Body => ({ id: eventID(), kind: "ask", askID, type: "question", text: "?", options: [] })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...asks).map((askID): Body => ({ id: eventID(), kind: "answer", askID, text: "yes" })),
  },
  { weight: 1, arbitrary: fc.record({ host, why, callIDs: fc.array(callID, { maxLength: 3 }) }).map(denied) },
  { weight: 1, arbitrary: fc.record({ host, always: fc.boolean() }).map(widened) },
)

function said({ text, delivery }: { text: string; delivery: "steer" | "queue" }): Body {
  return { id: eventID(), kind: "message", author: "Ada", source: "web", text, files: [], delivery }
}

function started({ turnID, read }: { turnID: string; read: number[] }): Body {
  return { id: eventID(), kind: "turn", turn: { phase: "started", turnID, read } }
}

function ended({ turnID, outcome }: { turnID: string; outcome: "done" | "failed" }): Body {
  return { id: eventID(), kind: "turn", turn: { phase: "ended", turnID, outcome } }
}

function result({ turnID, callID }: { turnID: string; callID: string }): Body {
  const content = [{ type: "text" as const, text: "out" }]
  return { id: eventID(), kind: "result", turnID, callID, name: "bash", content, error: false, durationMs: 1 }
}

function denied({ host, why, callIDs }: { host: string; why: Why; callIDs: string[] }): Body {
  const commands = callIDs.map((callID) => ({ script: "curl", callID }))
  return { id: eventID(), kind: "denial", host, why, commands, ...(why !== "direct" && { port: 443 }) }
}

function widened({ host, always }: { host: string; always: boolean }): Body {
  return { id: eventID(), kind: "setting", egress: { allowed: host, ...(always && { always: true }) } }
}

export function placed(sessionID: string, bodies: readonly Body[]): Info[] {
  return bodies.map((body, index) => ({
    ...body,
    sessionID,
    seq: index + 1,
    at: 1_700_000_000_000 + index,
    actor: system,
  }))
}

export const log = (sessionID: string, maxLength = 40) =>
  fc.array(body, { maxLength, size: "max" }).map((bodies) => placed(sessionID, bodies))
