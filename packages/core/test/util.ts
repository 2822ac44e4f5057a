import { Actor } from "../src/actor/index.ts"
import { Identifier } from "../src/identifier.ts"
import type { Body, BodyOf } from "../src/log/schema.ts"

export const owner: Actor.Info = { type: "user", userID: "owner", name: "Ada", admin: true }
export const system: Actor.Info = { type: "system" }
export const worker = (sessionID: string, generation = 1): Actor.Info => ({ type: "worker", sessionID, generation })

export const as = <Result>(actor: Actor.Info, cb: () => Result) => Actor.provide(actor, cb)
export const eventID = () => Identifier.create("event")

export function note(text: string): Body {
  return { id: eventID(), kind: "notice", level: "info", code: "test", text }
}

export function joined(generation = 1): BodyOf<"joined"> {
  return { id: eventID(), kind: "joined", generation, host: "test", version: "1", sandbox: "none" }
}

export function output(turnID: string, extra: Partial<BodyOf<"output">> = {}): BodyOf<"output"> {
  return {
    id: eventID(),
    kind: "output",
    turnID,
    read: [],
    content: [{ type: "text", text: "Done." }],
    model: "claude-test",
    stopReason: "end",
    tokens: { input: 100, output: 10, cacheRead: 0, cacheWrite: 0 },
    cost: 0.5,
    durationMs: 12,
    ...extra,
  }
}
