import { Actor } from "@remote-swe/core/actor"
import { Identifier } from "@remote-swe/core/identifier"
import { Session } from "@remote-swe/core/session"
import { Trigger } from "@remote-swe/core/trigger"
import { afterEach, expect, test, vi } from "vitest"
import * as Sweep from "../../src/cron/sweep.ts"
import { handler } from "../../src/trigger/handler.ts"
import { owner } from "../api/util.ts"
import { world } from "../world.ts"

afterEach(() => vi.restoreAllMocks())

const as = <Result>(cb: () => Result) => Actor.provide(owner, cb)
const create = () =>
  as(() =>
    Trigger.create({
      name: "Hourly",
      schedule: { type: "rate", every: 1, unit: "hours" },
      action: { type: "session", message: "Look" },
    }),
  )
const last = async (id: string) => (await as(() => Trigger.fromID(id))).last
const next = ({ state }: Trigger.Info) => (state.type === "active" ? state.next : 0)

test("a ring of the cloud's timer starts the session, twice delivered or not", async () => {
  const trigger = await create()
  const event = { triggerID: trigger.id, revision: 1, at: new Date(next(trigger)).toISOString().replace(".000", "") }
  await handler(event)
  const first = await last(trigger.id)
  await handler(event)
  expect(await last(trigger.id)).toEqual(first)
  const sessionID = first?.type === "started" ? first.sessionID : ""
  expect(await as(() => Session.fromID(sessionID))).toMatchObject({ creator: { type: "trigger" } })
})

test("a ring for nothing is none, and one that nobody wrote is an error", async () => {
  const ring = { triggerID: Identifier.create("trigger"), revision: 1, at: "2026-01-01T00:00:00Z" }
  await handler(ring)
  await expect(handler({ ...ring, at: "<aws.scheduler.scheduled-time>" })).rejects.toThrow()
  await expect(handler({ ...ring, extra: 1 })).rejects.toThrow()
})

test("on a laptop the sweeper fires what is due, and looks after sessions as ever", async () => {
  const it = world()
  const [trigger, paused] = [await create(), await create()]
  const fresh = await as(() => Session.create({ message: "Fix it" }))
  const soon = next(trigger) + 1
  vi.spyOn(Date, "now").mockReturnValue(soon)
  await as(() => Trigger.update({ id: paused.id, enabled: false }))
  await Sweep.create(it)()
  expect(await last(trigger.id)).toMatchObject({ type: "started" })
  expect(await last(paused.id)).toBeUndefined()
  expect(it.of(fresh.id)).toEqual([1])
})
