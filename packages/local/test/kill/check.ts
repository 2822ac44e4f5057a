import type { Read } from "@remote-swe/core/log/schema"
import { History } from "@remote-swe/core/log/history"
import { expect } from "vitest"

/** What must hold of a session's log however often its workers were killed. */
export function check(events: readonly Read[]) {
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
  messages(events)
  calls(events)
  generations(events)
}

/** Every message was read once and answered once. */
function messages(events: readonly Read[]) {
  const said = events.filter((event) => event.kind === "message")
  const reads = events.flatMap((event) => {
    if (event.kind === "output") return event.read
    return event.kind === "turn" && event.turn.phase === "started" ? event.turn.read : []
  })
  expect(reads.toSorted((a, b) => a - b)).toEqual(said.map((event) => event.seq))

  const texts = events.flatMap((event) =>
    event.kind === "output" ? event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) : [],
  )
  const answers = texts.flatMap((text) => [...text.matchAll(/Answer to (\w+)\./g)].map(([, name]) => name))
  const names = said.map((event) => /\[(\w+) /.exec(event.text)?.[1])
  expect(answers.toSorted()).toEqual(names.toSorted())
  expect(texts).not.toContain("There was nothing to answer.")
}

/** Every call has one result at most in the log, and just one in what the model is sent. */
function calls(events: readonly Read[]) {
  const asked = events.flatMap((event) =>
    event.kind === "output" ? event.content.flatMap((block) => (block.type === "call" ? [block.id] : [])) : [],
  )
  const results = events.flatMap((event) => (event.kind === "result" ? [event.callID] : []))
  expect(new Set(results).size).toBe(results.length)
  expect(asked).toEqual(expect.arrayContaining(results))
  const parts = History.fold(events).flatMap(({ role, content }) => (role === "user" ? content : []))
  const sent = parts.flatMap((part) => (part.type === "result" ? [part.callID] : []))
  expect(sent.toSorted()).toEqual(asked.toSorted())
}

/** From one `joined` to the next, one generation writes; and none after it left. */
function generations(events: readonly Read[]) {
  let current: number | undefined
  let last = 0
  for (const event of events) {
    if (event.kind === "joined") {
      expect(event.generation).toBeGreaterThan(last)
      expect(current).toBeUndefined()
      current = last = event.generation
    }
    if (event.actor.type === "worker") expect(event.actor.generation).toBe(current)
    if (event.kind === "left") {
      expect(event.generation).toBe(current)
      current = undefined
    }
  }
}
