import fc from "fast-check"
import { expect, test } from "vitest"
import { Journal } from "../../src/journal.ts"
import { blank, memory, message, model, only } from "../util.ts"

/** A store that other writers get ahead of, and whose answers are lost on the way, as the dice say. */
function flaky(sessionID: string, dice: () => number) {
  const { log, store, add } = memory(sessionID)
  const unlucky: Journal.Store = {
    async append(input) {
      const face = dice()
      if (face === 0) add(message("Somebody was first."))
      if (face === 1 && input.events.length > 1) {
        // Only the first got through, then somebody else came.
        await store.append({ after: input.after, events: input.events.slice(0, 1) })
        add(message("In between."))
      }
      await store.append(input)
    },
    events: store.events,
  }
  return { log, store: unlucky }
}

test("every event is in the log exactly once and in its writer's order, whoever comes in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 200, maxLength: 200 }), async (faces) => {
      const session = blank(undefined)
      const { log, store } = flaky(session.id, () => faces.pop() ?? 3)
      const journal = Journal.create({ store, session, generation: 1, model, models: [model], now: Date.now })
      const note = (text: string) => ({ kind: "notice", level: "info", code: "test", text }) as const
      const work = Array.from({ length: 20 }, (_, index) => journal.append([note(`${index}a`), note(`${index}b`)]))
      await Promise.all(work)
      const texts = only(log, "notice").map((event) => event.text)
      expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => [`${index}a`, `${index}b`]).flat())
      await journal.pull()
      expect(journal.head).toBe(log.length)
      expect(journal.steering()).toEqual(only(log, "message").map((event) => event.seq))
    }),
    { numRuns: 100 },
  )
})

test("an append is given up when what came in between says so", async () => {
  const session = blank(undefined)
  const { log, store } = flaky(session.id, () => 0)
  const journal = Journal.create({ store, session, generation: 1, model, models: [model], now: Date.now })
  const left = { kind: "left", generation: 1, reason: "idle" } as const
  expect(await journal.append([left], () => !journal.needsWork())).toBe(false)
  expect(log.map((event) => event.kind)).toEqual(["message"])
})

test("a model that a message asks for is used from the answer on that reads it", async () => {
  const other = { ...model, id: "other" }
  const session = blank(undefined)
  const { store, add } = memory(session.id)
  const journal = Journal.create({ store, session, generation: 1, model, models: [model, other], now: Date.now })
  add(message("Use the other.", { model: "other" }))
  await journal.pull()
  expect(journal.model([]).id).toBe(model.id)
  expect(journal.model([1]).id).toBe("other")
  const turnID = "trn_01k9zzzzzzzzzzzzzzzzzzzzzz"
  await journal.append([{ kind: "turn", turn: { phase: "started", turnID, read: [1] } }])
  expect(journal.model([]).id).toBe("other")
})
