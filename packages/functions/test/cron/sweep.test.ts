import { Actor } from "@remote-swe/core/actor"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import { expect, test } from "vitest"
import { stub, untold } from "../../../core/test/machine/broken.ts"
import * as Sweep from "../../src/cron/sweep.ts"
import { join, owner } from "../api/util.ts"
import { world } from "../world.ts"

const minute = 60_000
const create = () => Actor.provide(owner, () => Session.create({ message: "Fix it" }))
const info = (id: string) => Actor.provide(owner, () => Session.fromID(id))

/** A worker of the newest generation joins. */
async function joins(id: string) {
  const machine = await Machine.find(id)
  const generation = machine?.generation ?? 0
  const { head } = await info(id)
  await Actor.provide({ type: "worker", sessionID: id, generation }, () =>
    Session.work({ sessionID: id, generation, after: head, events: [join(generation)] }),
  )
  return { sessionID: id, generation }
}

test("a session whose wake was lost gets its machine", async () => {
  const it = world()
  const { id } = await create()
  await Sweep.create(it)()
  expect(it.of(id)).toEqual([1])
})

test("a message that was stored just before its writer broke down is found", async () => {
  const it = world()
  const { id } = await create()
  await Actor.provide(owner, () => Session.stop(id))
  expect(await Actor.provide({ type: "system" }, () => Session.unrest())).not.toContain(id)
  await Actor.provide(owner, () => untold(id, 2))
  await Sweep.create(it)()
  expect(it.of(id)).toEqual([1])
})

test("a worker that fell silent is replaced", async () => {
  const it = world()
  const { id } = await create()
  const sweep = Sweep.create(it)
  await sweep()
  const first = await joins(id)
  await sweep()
  expect(it.of(id)).toEqual([1])
  it.pass(2 * minute)
  await sweep()
  expect(it.ended).toContainEqual(first)
  expect(it.of(id)).toEqual([1, 2])
})

test("machines that no session knows are ended, and no others", async () => {
  const it = world()
  const [kept, deleted] = await Promise.all([create(), create()])
  const sweep = Sweep.create(it)
  await sweep()
  await Actor.provide(owner, () => Session.remove(deleted.id))
  await sweep()
  expect(it.ended).toContainEqual({ sessionID: deleted.id, generation: 1 })
  expect(it.ended).not.toContainEqual({ sessionID: kept.id, generation: 1 })
})

test("a session that never got its first message is removed, after a while", async () => {
  const it = world()
  const id = await stub()
  const sweep = Sweep.create(it)
  await sweep()
  expect(await info(id)).toMatchObject({ head: 0 })
  it.pass(20 * minute)
  await sweep()
  await expect(info(id)).rejects.toMatchObject({ code: "session.missing" })
})

test("one session that cannot be looked after holds up no other", async () => {
  const it = world()
  const [first, second] = await Promise.all([create(), create()])
  const { start } = it.provider
  it.provider.start = async (request) => {
    if (request.sessionID === first.id) throw new Error("No capacity")
    return start(request)
  }
  it.provider.describe = async (claim) => {
    if (claim.sessionID === first.id) throw new Error("No answer")
    return { type: "absent" }
  }
  await Actor.provide({ type: "system" }, () =>
    Machine.claim({
      sessionID: first.id,
      generation: 1,
      before: undefined,
      failures: 0,
      turnID: undefined,
      now: it.now(),
    }),
  )
  await expect(Sweep.create(it)()).rejects.toThrow(first.id)
  expect(it.of(second.id)).toEqual([1])
})
