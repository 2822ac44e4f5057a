import { afterEach, expect, test, vi } from "vitest"
import { Idempotency } from "../../src/idempotency/index.ts"

afterEach(() => vi.restoreAllMocks())

let count = 0
const request = (body = "{}"): Idempotency.Request => ({ actor: "a", route: "/r", key: `k${count}`, body })
const fresh = () => void count++
const at = (ms: number) => vi.spyOn(Date, "now").mockReturnValue(ms)

async function claimed(of = request()) {
  const claim = await Idempotency.claim(of)
  if (claim.type !== "claimed") throw new Error("It was done already")
  return claim
}

test("of many at once, one has the claim", async () => {
  fresh()
  const all = await Promise.allSettled(Array.from({ length: 30 }, () => claimed()))
  expect(all.filter((item) => item.status === "fulfilled")).toHaveLength(1)
  for (const item of all)
    if (item.status === "rejected") expect(item.reason).toMatchObject({ kind: "conflict", code: "idempotency.busy" })
})

test("an answer is kept for whoever repeats", async () => {
  fresh()
  await Idempotency.settle(await claimed(), { status: 201, body: '{"id":1}' })
  expect(await Idempotency.claim(request())).toEqual({ type: "done", answer: { status: 201, body: '{"id":1}' } })
  await expect(Idempotency.claim(request("{ }"))).rejects.toMatchObject({ code: "idempotency.body" })
})

test("without an answer the request is free again, with the ids that it had", async () => {
  fresh()
  const first = await claimed()
  await Idempotency.settle(first)
  const second = await claimed()
  expect(second).toMatchObject({ ulid: first.ulid, repeated: true })
  expect(first.repeated).toBe(false)
})

test("one that broke off is taken over once, and cannot settle afterwards", async () => {
  fresh()
  const first = await claimed()
  at(Date.now() + Idempotency.leaseMs + 1)
  const all = await Promise.allSettled(Array.from({ length: 10 }, () => claimed()))
  const [second, ...others] = all.flatMap((item) => (item.status === "fulfilled" ? [item.value] : []))
  expect(others).toEqual([])
  expect(second).toMatchObject({ ulid: first.ulid, repeated: true })
  await Idempotency.settle(first, { status: 201, body: "late" })
  if (second) await Idempotency.settle(second, { status: 201, body: "right" })
  expect(await Idempotency.claim(request())).toMatchObject({ answer: { body: "right" } })
})

test("an answer is forgotten after a day, whether or not the table has cleaned up", async () => {
  fresh()
  await Idempotency.settle(await claimed(), { status: 201, body: "old" })
  at(Date.now() + Idempotency.keptMs + 2_000)
  expect(await claimed()).toMatchObject({ repeated: false })
})
