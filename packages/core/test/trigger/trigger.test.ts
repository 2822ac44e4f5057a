import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import type { Log } from "../../src/log/index.ts"
import { Model } from "../../src/model/index.ts"
import { Session } from "../../src/session/index.ts"
import { TriggerEntity } from "../../src/trigger/entity.ts"
import { Trigger } from "../../src/trigger/index.ts"
import { as, eventID, joined, owner, system, worker } from "../util.ts"

const minute = 60_000
const start = Math.ceil(Date.now() / 3_600_000) * 3_600_000
let now = start

beforeEach(() => {
  now = start
  vi.spyOn(Date, "now").mockImplementation(() => now)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all((await all()).map(({ id }) => as(owner, () => Trigger.remove(id))))
})

const action = { type: "session", message: "Update the dependencies", repository: "acme/shop", budget: 5 } as const
const hourly = { type: "rate", every: 1, unit: "hours" } as const
type Create = Parameters<typeof Trigger.create>[0]
const create = (input: Partial<Create> = {}) =>
  as(owner, () => Trigger.create({ name: "Nightly", schedule: hourly, action, ...input }))
const get = (id: string) => as(owner, () => Trigger.fromID(id))
const update = (input: Parameters<typeof Trigger.update>[0]) => as(owner, () => Trigger.update(input))
const sweep = () => as(system, () => Trigger.sweep())
const fire = (ring: Trigger.Ring) => as(system, () => Trigger.fire(ring))
const all = async () => (await as(owner, () => Trigger.list({ limit: 100 }))).items
const item = async (id: string) => (await TriggerEntity.get({ id }).go({ consistent: true })).data
const sessions = async (id: string) =>
  (await as(owner, () => Session.list({ limit: 100 }))).items.filter(
    ({ creator }) => creator.type === "trigger" && creator.triggerID === id,
  )

/** The session's only turn fails. */
async function fails(sessionID: string) {
  const { head } = await as(owner, () => Session.fromID(sessionID))
  const turnID = Identifier.create("turn")
  const turn = (turn: Log.BodyOf<"turn">["turn"]): Log.Body => ({ id: eventID(), kind: "turn", turn })
  const events = [
    joined(),
    turn({ phase: "started", turnID, read: [head] }),
    turn({ phase: "ended", turnID, outcome: "failed" }),
  ]
  await as(worker(sessionID), () => Session.work({ sessionID, generation: 1, after: head, events }))
}

test("a trigger that is due starts a session that says where it comes from", async () => {
  const { id, state } = await create()
  expect(state).toEqual({ type: "active", next: start + 60 * minute })
  await sweep()
  expect(await sessions(id)).toEqual([])
  now += 61 * minute
  await sweep()
  const [session, ...more] = await sessions(id)
  expect(more).toEqual([])
  expect(session).toMatchObject({
    title: "Nightly",
    repository: "acme/shop",
    budget: 5,
    creator: { type: "trigger", triggerID: id, name: "Nightly" },
  })
  const [first] = await as(owner, () => Session.events({ id: session?.id ?? "" })).then((page) => page.items)
  expect(first).toMatchObject({ kind: "message", source: "trigger", author: "Nightly", text: action.message })
  expect(await get(id)).toMatchObject({
    state: { type: "active", next: start + 120 * minute },
    failures: 0,
    last: { type: "started", at: now, sessionID: session?.id },
  })
})

test("a time is fired once, whoever rings and however often", async () => {
  const { id } = await create()
  const ring = { triggerID: id, revision: 1, at: start + 60 * minute }
  now += 60 * minute
  await Promise.all(Array.from({ length: 8 }, () => fire(ring)))
  await fire(ring)
  await sweep()
  expect(await sessions(id)).toHaveLength(1)
})

test("a firing that broke down after it had begun is finished, not repeated", async () => {
  const { id } = await create()
  now += 60 * minute
  const ring = { triggerID: id, revision: 1, at: now }
  await fire(ring)
  // As if the process had ended before it could say so.
  await TriggerEntity.patch({ id })
    .set({ settled: 0, claimUntil: now + 45_000, state: { type: "active", next: now } })
    .go()
  await fire(ring)
  expect(await item(id)).toMatchObject({ settled: 0 })
  now += minute
  await fire(ring)
  expect(await item(id)).toMatchObject({ settled: ring.at, attempts: 2 })
  expect(await sessions(id)).toHaveLength(1)
})

test("what came due while nobody was there fires once, late", async () => {
  const { id } = await create()
  now += 25 * 60 * minute + minute
  await sweep()
  await sweep()
  expect(await sessions(id)).toHaveLength(1)
  expect((await get(id)).state).toEqual({ type: "active", next: start + 26 * 60 * minute })
})

test("once is once", async () => {
  const { id } = await create({ schedule: { type: "once", at: start + 5 * minute + 400 } })
  now += 6 * minute
  await sweep()
  await sweep()
  expect((await get(id)).state).toEqual({ type: "done" })
  expect(await sessions(id)).toHaveLength(1)
  await expect(update({ id, enabled: true })).rejects.toMatchObject({ code: "trigger.over" })
  await update({ id, schedule: { type: "once", at: start + 60 * minute } })
  now += 60 * minute
  await sweep()
  expect(await sessions(id)).toHaveLength(2)
})

test("a message goes to a session that there is", async () => {
  const { id: sessionID } = await as(owner, () => Session.create({ message: "Hello" }))
  const { id } = await create({ action: { type: "message", sessionID, message: "And now?" } })
  now += 60 * minute
  await sweep()
  const { items } = await as(owner, () => Session.events({ id: sessionID }))
  expect(items.at(-1)).toMatchObject({ kind: "message", source: "trigger", delivery: "queue", text: "And now?" })
  expect((await get(id)).last).toMatchObject({ sessionID })
})

test("after three failures in a row it stops itself and says why, and starts again when told to", async () => {
  const { id: sessionID } = await as(owner, () => Session.create({ message: "Hello" }))
  const { id } = await create({ action: { type: "message", sessionID, message: "And now?" } })
  await as(owner, () => Session.remove(sessionID))
  for (const failures of [1, 2, 3]) {
    now += 60 * minute
    await sweep()
    expect(await get(id)).toMatchObject({ failures, last: { type: "failed" } })
  }
  const problem = `There is no session ${sessionID}`
  expect((await get(id)).state).toEqual({ type: "failed", problem })
  now += 60 * minute
  await sweep()
  expect(await get(id)).toMatchObject({ failures: 3 })
  expect(await update({ id, action, enabled: true })).toMatchObject({ failures: 0, state: { type: "active" } })
})

test("sessions that fail count as well", async () => {
  const { id } = await create()
  for (const count of [1, 2, 3]) {
    now += 60 * minute
    await sweep()
    const started = await sessions(id)
    expect(started).toHaveLength(count)
    const { last } = await get(id)
    await fails(last?.type === "started" ? last.sessionID : "")
  }
  now += 60 * minute
  await sweep()
  expect(await sessions(id)).toHaveLength(3)
  expect((await get(id)).state).toMatchObject({ type: "failed", problem: expect.stringContaining("3 sessions") })
})

test("a mistake of ours is tried again, three times", async () => {
  const { id } = await create()
  now += 60 * minute
  vi.spyOn(Model, "assert").mockImplementation(() => {
    throw new Error("The table is away")
  })
  for (const attempts of [1, 2]) {
    await expect(sweep()).rejects.toThrow(id)
    expect(await item(id)).toMatchObject({ attempts, failures: 0 })
  }
  await sweep()
  expect(await get(id)).toMatchObject({ failures: 1, last: { type: "failed", problem: /our side/ } })
})

test("who is paused, changed or removed in between does not fire for the old time", async () => {
  const paused = await create()
  const moved = await create()
  const removed = await create()
  await update({ id: paused.id, enabled: false })
  await update({ id: moved.id, schedule: { type: "rate", every: 2, unit: "hours" } })
  await as(owner, () => Trigger.remove(removed.id))
  now += 61 * minute
  for (const { id } of [paused, moved, removed]) await fire({ triggerID: id, revision: 1, at: start + 60 * minute })
  await sweep()
  for (const { id } of [paused, moved, removed]) expect(await sessions(id)).toEqual([])
  expect((await get(paused.id)).state).toEqual({ type: "paused" })
  await expect(get(removed.id)).rejects.toMatchObject({ code: "trigger.missing" })
  expect(await item(removed.id)).toBeNull()
})

test("a new name or task leaves its times alone; a pause keeps a schedule for later", async () => {
  const { id, state } = await create()
  expect(await update({ id, name: "Hourly", action: { ...action, message: "Look again" } })).toMatchObject({
    name: "Hourly",
    state,
  })
  expect(await item(id)).toMatchObject({ revision: 1 })
  await update({ id, enabled: false })
  now += 30 * minute
  expect(await update({ id, schedule: { type: "rate", every: 3, unit: "hours" } })).toMatchObject({
    state: { type: "paused" },
  })
  expect(await update({ id, enabled: true })).toMatchObject({ state: { next: now + 180 * minute } })
})

test("run now starts one session for one request, also while it is paused, and changes no times", async () => {
  const { id } = await create({ enabled: false })
  const ending = "01k9zzzzzzzzzzzzzzzzzzzzzz"
  const [one, other] = await Promise.all([1, 2].map(() => as(owner, () => Trigger.run({ id, ending }))))
  expect(one?.last).toMatchObject({ sessionID: `ses_${ending}` })
  expect(other?.last).toMatchObject({ sessionID: `ses_${ending}` })
  expect(await sessions(id)).toHaveLength(1)
  expect((await get(id)).state).toEqual({ type: "paused" })
})

test("triggers are listed newest first, in pages, and the same id makes no second one", async () => {
  const made = [await create({ name: "a" }), await create({ name: "b" }), await create({ name: "c" })]
  const [first] = made
  expect(await create({ id: first?.id, name: "again" })).toEqual(first)
  const page = await as(owner, () => Trigger.list({ limit: 2 }))
  expect(page.items.map((found) => found.name)).toEqual(["c", "b"])
  const rest = await as(owner, () => Trigger.list({ limit: 2, cursor: page.cursor }))
  expect(rest).toEqual({ items: [first] })
})

test("what cannot be is refused", async () => {
  await expect(create({ schedule: { type: "once", at: now - 1 } })).rejects.toMatchObject({ code: "trigger.over" })
  await expect(create({ action: { ...action, model: "nobody" } })).rejects.toMatchObject({ code: "model.unknown" })
  await expect(as(worker("ses_1"), async () => Trigger.list({}))).rejects.toMatchObject({ kind: "forbidden" })
  await expect(as({ type: "public" }, async () => Trigger.list({}))).rejects.toMatchObject({ kind: "unauthorized" })
  await expect(as(owner, async () => Trigger.sweep())).rejects.toMatchObject({ kind: "forbidden" })
})

test("a hundred are enough", async () => {
  const one = await item((await create({ enabled: false })).id)
  if (!one) throw new Error("It was not stored")
  const others = Array.from({ length: Trigger.mostTriggers - 1 }, () => ({ ...one, id: Identifier.create("trigger") }))
  await TriggerEntity.put(others).go()
  await expect(create()).rejects.toMatchObject({ kind: "limit", code: "trigger.limit" })
  await TriggerEntity.delete(others.map(({ id }) => ({ id }))).go()
  await create()
})
