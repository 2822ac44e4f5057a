import { DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2"
import { Identifier } from "@remote-swe/core/identifier"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import { Resource } from "sst"
import { afterEach, beforeEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { as, configure, create as start, ec2, image, machines, owner, works, world } from "./util.ts"

const minute = 60_000
const day = 24 * 60 * minute
const { recipeSha256: recipe, floor } = Resource.WorkerProgram

beforeEach(() => configure({ poolSize: 2, poolState: "stopped" }))
afterEach(async () => {
  stand.edge.refuse(() => undefined)
  stand.edge.rewrite((body) => body)
  // Each test begins with an empty pool, and nobody who wants a machine.
  configure({ poolSize: 0 })
  for (const id of sessions.splice(0)) await as(owner, () => Session.remove(id))
  const it = world()
  const sweep = Sweep.create(it)
  await sweep()
  expect(await pool()).toEqual([])
  it.pass(day)
  await sweep()
})

const sessions: string[] = []

async function create() {
  const session = await start()
  sessions.push(session.id)
  return session
}

/** The machines of the pool that have not ended, those that a session has as well. */
async function pool() {
  const Filters = [
    { Name: "tag-key", Values: ["remote-swe:pool"] },
    { Name: "tag:sst:stage", Values: [stand.stage] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ]
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }))
  const found = Reservations.flatMap((item) => item.Instances ?? [])
  return found.map(({ InstanceId: id = "", State, ImageId: imageID, Tags = [] }) => ({
    id,
    state: State?.Name,
    imageID,
    session: Tags.find(({ Key }) => Key === "remote-swe:session")?.Value,
  }))
}

/** A pool whose machines have prepared themselves. */
async function filled(it = world()) {
  const sweep = Sweep.create(it)
  await sweep()
  it.pass(21 * minute)
  await sweep()
  return { it, sweep }
}

test("as many as are wanted are started, told that they wait, and stopped once they are prepared", async () => {
  const it = world()
  const sweep = Sweep.create(it)
  await sweep()
  const started = stand.edge.calls("RunInstances").slice(-2)
  for (const { params } of started) {
    const script = Buffer.from(params.get("UserData") ?? "", "base64").toString()
    expect(script).toMatch(/^REMOTE_SWE_POOL=\w+$/m)
    expect(script).not.toMatch(/SESSION_ID|GENERATION/)
  }
  expect((await pool()).map(({ state }) => state)).toEqual(["running", "running"])
  await sweep()
  expect(await pool()).toHaveLength(2)
  it.pass(21 * minute)
  await sweep()
  expect((await pool()).map(({ state }) => state)).toEqual(["stopped", "stopped"])
  await sweep()
  expect(await pool()).toHaveLength(2)
})

test("a session gets a machine that waits, which goes on as that session's, and another takes its place", async () => {
  const { it, sweep } = await filled()
  const { id } = await create()
  const before = stand.edge.calls("RunInstances").length
  await Machine.launch(id, it)
  expect(stand.edge.calls("RunInstances")).toHaveLength(before)
  const [machine, ...more] = await machines(id)
  expect(more).toEqual([])
  expect(machine).toMatchObject({ state: "running", generation: 1 })
  expect(await Machine.find(id)).toMatchObject({ generation: 1, instanceID: machine?.id, boot: "image" })
  expect(await it.provider.list()).toContainEqual(expect.objectContaining({ sessionID: id, generation: 1 }))
  expect(await it.provider.describe({ sessionID: id, generation: 1, since: it.now() })).toMatchObject({ type: "alive" })
  await sweep()
  expect((await pool()).filter(({ session }) => !session)).toHaveLength(2)
  await works(id, 1, "joined")
  await as(owner, () => Session.stop(id))
  await works(id, 1, "left")
  await Machine.launch(id, it)
  expect(await machines(id)).toMatchObject([{ state: "terminated" }])
})

test("of 20 sessions that come at once, each gets a machine of its own, as many as there are from the pool", async () => {
  configure({ poolSize: 5 })
  const { it } = await filled()
  const waiting = (await pool()).map(({ id }) => id)
  expect(waiting).toHaveLength(5)
  const all = await Promise.all(Array.from({ length: 20 }, create))
  await Promise.all(all.map(({ id }) => Machine.launch(id, it)))
  const found = await Promise.all(all.map(({ id }) => machines(id)))
  expect(found.map((list) => list.length)).toEqual(all.map(() => 1))
  const ids = found.flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(20)
  expect(ids.filter((id) => waiting.includes(id)).toSorted()).toEqual(waiting.toSorted())
  for (const [index, { id }] of all.entries())
    expect(await Machine.find(id)).toMatchObject({ instanceID: found[index]?.[0]?.id })
})

test("20 launchers of one session take one machine", async () => {
  const { it } = await filled()
  const { id } = await create()
  await Promise.all(Array.from({ length: 20 }, () => Machine.launch(id, it)))
  expect(await machines(id)).toHaveLength(1)
  expect((await pool()).filter(({ session }) => session)).toHaveLength(1)
})

test("asked again, the machine that was taken is named", async () => {
  const { it } = await filled()
  const asked = { sessionID: Identifier.create("session"), generation: 1, token: "x", since: it.now() }
  const first = await as({ type: "system" }, () => it.provider.start(asked))
  expect(await as({ type: "system" }, () => it.provider.start(asked))).toEqual(first)
  expect(await machines(asked.sessionID)).toHaveLength(1)
})

/** Breaks down once, at the first call of an action. */
function breakAt(action: string) {
  let isBroken = false
  stand.edge.refuse((params) => {
    if (isBroken || params.get("Action") !== action) return
    isBroken = true
    return "InternalFailure"
  })
}

test.each(["CreateTags", "StartInstances"])(
  "a machine whose taker broke down at %s goes on with the next look at its session",
  async (action) => {
    const { it } = await filled()
    const { id } = await create()
    const { start } = it.provider
    const dies = async (asked: Machine.Start) => void (await start(asked).catch(() => undefined))
    breakAt(action)
    await Machine.launch(id, {
      ...it,
      provider: { ...it.provider, start: dies, describe: async () => ({ type: "absent" }) },
    })
    expect(await Machine.find(id)).not.toHaveProperty("instanceID")
    expect(await Machine.launch(id, it)).toMatchObject({ type: "wake", generation: 1 })
    const [machine, ...more] = await machines(id)
    expect(more).toEqual([])
    expect(machine).toMatchObject({ state: "running" })
    await Machine.launch(id, it)
    expect(await Machine.find(id)).toMatchObject({ generation: 1, instanceID: machine?.id })
  },
)

test("a machine that was taken for a session that is deleted meanwhile goes", async () => {
  const { it, sweep } = await filled()
  const { id } = await create()
  breakAt("CreateTags")
  const { start } = it.provider
  const dies = async (asked: Machine.Start) => void (await start(asked).catch(() => undefined))
  await Machine.launch(id, { ...it, provider: { ...it.provider, start: dies } })
  const before = (await pool()).map((item) => item.id)
  await as(owner, () => Session.remove(sessions.pop() ?? ""))
  await sweep()
  const after = (await pool()).map((item) => item.id)
  expect(before.filter((item) => after.includes(item))).toHaveLength(1)
  expect(after).toHaveLength(2)
})

test("where EC2 has no room for a machine that was stopped, the session gets another", async () => {
  const { it } = await filled()
  const { id } = await create()
  stand.edge.refuse((params) =>
    params.get("Action") === "StartInstances" ? "InsufficientInstanceCapacity" : undefined,
  )
  await Machine.launch(id, it)
  const found = (await machines(id)).filter(({ state }) => state === "running")
  expect(found).toHaveLength(1)
  expect(await Machine.find(id)).toMatchObject({ instanceID: found[0]?.id, state: { type: "active" } })
})

test("machines that wait are replaced when there is another image, or when they are old", async () => {
  const { it, sweep } = await filled()
  const before = (await pool()).map(({ id }) => id)
  const made = await image({ recipe, floor })
  await sweep()
  const next = await pool()
  expect(next.map(({ imageID }) => imageID)).toEqual([made, made])
  expect(next.filter(({ id }) => before.includes(id))).toEqual([])
  it.pass(6 * minute)
  await sweep()
  expect((await pool()).map(({ state }) => state)).toEqual(["stopped", "stopped"])
  it.pass(8 * day)
  await sweep()
  const last = await pool()
  expect(last).toHaveLength(2)
  expect(last.filter(({ id }) => next.some((item) => item.id === id))).toEqual([])
})

test("a machine of the pool that ends by itself is replaced after a while, and not each minute", async () => {
  const { it, sweep } = await filled()
  const [first] = await pool()
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first?.id ?? ""] }))
  for (let round = 0; round < 3; round++) {
    await sweep()
    it.pass(minute)
  }
  expect(await pool()).toHaveLength(1)
  it.pass(30 * minute)
  await sweep()
  expect(await pool()).toHaveLength(2)
})

test("without capacity the pool stays empty, and nobody waits for it", async () => {
  stand.edge.refuse((params) => (params.get("Action") === "RunInstances" ? "InsufficientInstanceCapacity" : undefined))
  const it = world()
  await Sweep.create(it)()
  expect(await pool()).toEqual([])
  stand.edge.refuse(() => undefined)
  it.pass(minute)
  await Sweep.create(it)()
  expect(await pool()).toHaveLength(2)
})
