import type { Info } from "@remote-swe/core/log/schema"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createSessionLog } from "../../src/lib/session-log.ts"
import { events } from "../util.ts"

const fate = fc.constantFrom("lost", "once", "twice", "without content")

test("every event is applied once and in order, whatever the broker and the network do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      events(30),
      fc.array(fate, { minLength: 30, maxLength: 30 }),
      fc.infiniteStream(fc.record({ fails: fc.boolean(), size: fc.integer({ min: 1, max: 7 }) })),
      async (scheduler, all, fates, network) => {
        const applied: Info[] = []
        const written = { head: 0 }
        const log = createSessionLog({
          head: 0,
          async read(after) {
            const { value } = network.next()
            await scheduler.schedule(Promise.resolve())
            if (value?.fails) throw new Error("no network")
            return { items: all.slice(after, Math.min(written.head, after + (value?.size ?? 1))), head: written.head }
          },
          apply: (next) => applied.push(...(next as Info[])),
          failed: () => {},
        })
        for (const [index, event] of all.entries()) {
          void scheduler.schedule(Promise.resolve()).then(() => {
            written.head = Math.max(written.head, index + 1)
          })
          const times = { lost: 0, once: 1, twice: 2, "without content": 1 }[fates[index] ?? "once"]
          for (let time = 0; time < times; time++) {
            void scheduler.schedule(Promise.resolve()).then(() => {
              written.head = Math.max(written.head, index + 1)
              return fates[index] === "without content" ? log.nudge(event.seq) : log.receive(event)
            })
          }
        }
        await scheduler.waitAll()
        expect(applied).toEqual(all.slice(0, applied.length))

        // What a focus, a reconnect or the slow poll does, until the network lets it through.
        for (let look = 0; look < 300 && applied.length < all.length; look++) {
          await scheduler.waitFor(log.resync())
        }
        expect(applied).toEqual(all)
        expect(log.head).toBe(all.length)
      },
    ),
    { numRuns: 300 },
  )
})

test("announcements that come before the gap is read are kept, and nothing is read twice", async () => {
  const [first, second, third] =
    fc.sample(
      events(3).filter((all) => all.length === 3),
      1,
    )[0] ?? []
  if (!first || !second || !third) throw new Error("no events")
  const applied: number[] = []
  const reads: number[] = []
  const log = createSessionLog({
    head: 0,
    async read(after) {
      reads.push(after)
      return { items: [first], head: 1 }
    },
    apply: (next) => applied.push(...next.map(({ seq }) => seq)),
    failed: () => {},
  })
  void log.receive(third)
  void log.receive(second)
  await log.resync()
  expect(applied).toEqual([1, 2, 3])
  expect(reads).toEqual([0])
})

test("a closed log applies nothing more", async () => {
  const [event] =
    fc.sample(
      events(1).filter((all) => all.length === 1),
      1,
    )[0] ?? []
  if (!event) throw new Error("no event")
  const applied: number[] = []
  const log = createSessionLog({
    head: 0,
    read: async () => ({ items: [event], head: 1 }),
    apply: (next) => applied.push(next.length),
    failed: () => {},
  })
  const reading = log.resync()
  log.close()
  await reading
  void log.receive(event)
  expect(applied).toEqual([])
})
