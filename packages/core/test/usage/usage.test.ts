import fc from "fast-check"
import { expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import { Usage } from "../../src/usage/index.ts"
import { as, owner, worker } from "../util.ts"

const total = (usd: number, calls = 1, unpriced = 0): Usage.Total => ({
  calls,
  tokens: { input: 10 * calls, output: 5, cacheRead: 0, cacheWrite: 0 },
  cost: { usd, unpriced },
})
const session = () => Identifier.create("session")
const report = (from: string, to: string) => as(owner, () => Usage.report({ from, to }))

test("a report counts days, models and sessions, over months, ends included", async () => {
  const [a, b] = [session(), session()]
  await Usage.set({ sessionID: a, day: "2025-01-31", seq: 9, models: { opus: total(1), haiku: total(0.5) } })
  await Usage.set({ sessionID: a, day: "2025-02-01", seq: 20, models: { opus: total(2) } })
  await Usage.set({ sessionID: b, day: "2025-03-01", seq: 3, models: { demo: total(0, 4, 4) } })
  await Usage.set({ sessionID: b, day: "2025-03-02", seq: 4, models: { opus: total(100) } })
  await Usage.set({ sessionID: b, day: "2025-01-30", seq: 1, models: { opus: total(100) } })
  const found = await report("2025-01-31", "2025-03-01")
  expect(found.days.map(({ day, total }) => [day, total.cost.usd])).toEqual([
    ["2025-01-31", 1.5],
    ["2025-02-01", 2],
    ["2025-03-01", 0],
  ])
  expect(found.models.map(({ modelID, total }) => [modelID, total.cost])).toEqual([
    ["opus", { usd: 3, unpriced: 0 }],
    ["haiku", { usd: 0.5, unpriced: 0 }],
    ["demo", { usd: 0, unpriced: 4 }],
  ])
  expect(found.sessions.map(({ sessionID, total }) => [sessionID, total.calls])).toEqual([
    [a, 3],
    [b, 4],
  ])
  expect(found.total.cost).toEqual({ usd: 3.5, unpriced: 4 })
})

test("in whatever order and however often counts arrive, the newest stands", async () => {
  let year = 2030
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 }), async (seqs) => {
      const day = `${year++}-06-15`
      const sessionID = session()
      for (const seq of seqs) await Usage.set({ sessionID, day, seq, models: { opus: total(seq) } })
      const found = await report(day, day)
      expect(found.total.cost.usd).toBe(Math.max(...seqs))
    }),
    { numRuns: 30 },
  )
})

test("more sessions than are listed are counted", async () => {
  const day = "2024-06-01"
  for (let index = 0; index < Usage.maxSessions + 3; index++)
    await Usage.set({ sessionID: session(), day, seq: 1, models: { opus: total(index) } })
  const found = await report(day, day)
  expect(found.sessions).toHaveLength(Usage.maxSessions)
  expect(found.omitted).toBe(3)
  expect(found.sessions[0]?.total.cost.usd).toBe(Usage.maxSessions + 2)
  expect(found.total.calls).toBe(Usage.maxSessions + 3)
})

test("only who may read usage does", async () => {
  await expect(
    as(worker("ses_1"), async () => Usage.report({ from: "2025-01-01", to: "2025-01-02" })),
  ).rejects.toMatchObject({ kind: "forbidden" })
})
