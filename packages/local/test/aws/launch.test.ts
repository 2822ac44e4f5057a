import { DescribeVolumesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import { afterEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { as, create, ec2, info, machines, owner, strange, works, world } from "./util.ts"

const minute = 60_000

afterEach(() => {
  stand.edge.refuse(() => undefined)
  stand.edge.rewrite((body) => body)
})

const living = async (id: string) => (await machines(id)).filter((item) => item.state === "running")

test("20 launchers at once start one machine, and know which", async () => {
  const { id } = await create()
  await Promise.all(Array.from({ length: 20 }, () => Machine.launch(id, world())))
  const [machine, ...more] = await machines(id)
  expect(more).toEqual([])
  expect(await Machine.find(id)).toMatchObject({ generation: 1, instanceID: machine?.id, state: { type: "active" } })
})

test("a launcher that broke down before it could write the machine down is made good by the next", async () => {
  const { id } = await create()
  const it = world()
  const forgetful = {
    ...it,
    provider: {
      ...it.provider,
      start: async (request: Machine.Start) => void (await it.provider.start(request)),
      describe: async () => ({ type: "absent" }) as const,
    },
  }
  await Machine.launch(id, forgetful)
  expect(await Machine.find(id)).not.toHaveProperty("instanceID")
  await Machine.launch(id, it)
  const [machine, ...more] = await machines(id)
  expect(more).toEqual([])
  expect(await Machine.find(id)).toMatchObject({ instanceID: machine?.id })
})

test("a machine whose worker left is terminated; the next message starts another", async () => {
  const { id } = await create()
  const it = world()
  await Machine.launch(id, it)
  await works(id, 1, "joined")
  await as(owner, () => Session.stop(id))
  await works(id, 1, "left")
  await Machine.launch(id, it)
  expect(await living(id)).toEqual([])
  await as(owner, () => Session.send({ sessionID: id, message: "Go on" }))
  await Machine.launch(id, it)
  expect(await machines(id)).toMatchObject([
    { generation: 1, state: "terminated" },
    { generation: 2, state: "running" },
  ])
})

test("a message that comes while the machine goes away gets a machine of its own", async () => {
  const { id } = await create()
  const it = world()
  await Machine.launch(id, it)
  await works(id, 1, "joined")
  await works(id, 1, "left")
  await as(owner, () => Session.send({ sessionID: id, message: "Wait" }))
  await Promise.all([Machine.launch(id, it), Machine.launch(id, it)])
  expect(await living(id)).toMatchObject([{ generation: 2 }])
})

/** For a while EC2 says that machines which ended are on their way. */
const slowly = (state: string) =>
  stand.edge.rewrite((body) => body.replaceAll("<name>terminated</name>", `<name>${state}</name>`))

test.each(["stopping", "shutting-down"])(
  "a message that comes while a machine is %s starts another, and the first is ended",
  async (state) => {
    const { id } = await create()
    const it = world()
    await Machine.launch(id, it)
    await works(id, 1, "joined")
    await as(owner, () => Session.stop(id))
    await works(id, 1, "left")
    const [first] = await machines(id)
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first?.id ?? ""] }))
    slowly(state)
    await as(owner, () => Session.send({ sessionID: id, message: "One more" }))
    await Promise.all(Array.from({ length: 5 }, () => Machine.launch(id, it)))
    await Sweep.create(it)()
    stand.edge.rewrite((body) => body)
    expect(await living(id)).toMatchObject([{ generation: 2 }])
    expect(await Machine.find(id)).toMatchObject({ generation: 2, state: { type: "active" }, failures: 0 })
  },
)

test("a machine that is terminated from outside is replaced, and the log says why", async () => {
  const { id } = await create()
  const it = world()
  await Machine.launch(id, it)
  await works(id, 1, "joined")
  const [machine] = await machines(id)
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine?.id ?? ""] }))
  stand.edge.rewrite((body) => body.replaceAll("Client.UserInitiatedShutdown", "Server.SpotInstanceTermination"))
  await Machine.launch(id, it)
  expect(await living(id)).toMatchObject([{ generation: 2 }])
  const { items } = await as(owner, () => Session.events({ id }))
  expect(items.at(-1)).toMatchObject({ kind: "left", generation: 1, reason: "lost", detail: "host" })
  expect(await Machine.find(id)).toMatchObject({ generation: 2, failures: 0 })
})

test("a machine that never joins is given up when it had time to be installed, and another is tried", async () => {
  const { id } = await create()
  const it = world()
  await Machine.launch(id, it)
  it.pass(5 * minute + 1_000)
  await Sweep.create(it)()
  expect(await living(id)).toMatchObject([{ generation: 1 }])
  it.pass(15 * minute)
  await Sweep.create(it)()
  expect(await living(id)).toMatchObject([{ generation: 2 }])
})

test("without capacity the session waits, and gets its machine when there is some", async () => {
  const { id } = await create()
  const it = world()
  stand.edge.refuse((params) => (params.get("Action") === "RunInstances" ? "InsufficientInstanceCapacity" : undefined))
  expect(await Machine.launch(id, it)).toMatchObject({ type: "wait", reason: "backoff" })
  expect(await machines(id)).toEqual([])
  const { items } = await as(owner, () => Session.events({ id }))
  expect(items.filter((event) => event.kind === "notice")).toMatchObject([
    {
      level: "warning",
      code: "machine.scarce",
      text: "EC2 has none of t3.large, t3a.large, m7i-flex.large at the moment. A machine is asked for again, with pauses.",
    },
  ])
  stand.edge.refuse(() => undefined)
  it.pass(minute)
  await Machine.launch(id, it)
  expect(await living(id)).toHaveLength(1)
})

test("the sweeper ends machines that no session knows, and leaves another stage's alone", async () => {
  const it = world()
  const [kept, deleted] = await Promise.all([create(), create()])
  await Promise.all([Machine.launch(kept.id, it), Machine.launch(deleted.id, it)])
  await as(owner, () => Session.remove(deleted.id))
  const orphan = "ses_01k9zzzzzzzzzzzzzzzzzzzzzz"
  const tags = { "remote-swe:session": orphan, "remote-swe:generation": "1", "sst:app": "remote-swe" }
  await strange({ ...tags, "sst:stage": stand.stage })
  const other = await strange({ ...tags, "sst:stage": "another" })
  await Sweep.create(it)()
  expect(await living(deleted.id)).toEqual([])
  expect(await living(orphan)).toMatchObject([{ id: other }])
  expect(await living(kept.id)).toHaveLength(1)
  expect(await info(kept.id)).toMatchObject({ status: "starting" })
})

test("of 200 sessions with every fate, no machine and no disk is left", async () => {
  const usual = world()
  // A session that is given up sooner leaves no less behind.
  const it = { ...usual, policy: { ...usual.policy, maxFailures: 2 } }
  const sessions: { id: string }[] = []
  const todo = Array.from({ length: 200 }, (_, index) => index)
  const next = async () => {
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      const session = await create()
      sessions.push(session)
      await live(session.id, index % 6, it)
    }
  }
  await Promise.all(Array.from({ length: 10 }, next))
  const ids = sessions.map((item) => item.id)
  const ours = <Item extends { sessionID: string }>(items: Item[]) =>
    items.filter((item) => ids.includes(item.sessionID))
  const system = { type: "system" } as const
  const unrest = async () => (await as(system, () => Session.unrest())).filter((id) => ids.includes(id))
  const sweep = Sweep.create(it)
  // Enough for whoever never joins to be given up.
  for (let round = 0; round < 6 && (await unrest()).length > 0; round++) {
    it.pass(21 * minute)
    await sweep()
  }
  expect(await unrest()).toEqual([])
  expect((await as(system, () => Machine.active())).filter((id) => ids.includes(id))).toEqual([])
  expect(ours(await it.provider.list())).toEqual([])
  expect(await disks(ids)).toEqual([])
}, 300_000)

/** One of six ways in which a session can go. */
async function live(id: string, fate: number, it: Machine.World) {
  await Machine.launch(id, it)
  const kill = async () => {
    const { instanceID = "" } = (await Machine.find(id)) ?? {}
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceID] }))
  }
  if (fate === 0) return kill()
  if (fate === 1) return as(owner, () => Session.remove(id))
  if (fate === 2) return
  await works(id, 1, "joined")
  if (fate === 3) return kill()
  if (fate === 4) return as(owner, () => Session.remove(id))
  await as(owner, () => Session.stop(id))
  await works(id, 1, "left")
}

/** The sessions' volumes. */
async function disks(ids: string[]) {
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}))
  return Volumes.filter((item) =>
    item.Tags?.some((tag) => tag.Key === "remote-swe:session" && ids.includes(tag.Value ?? "")),
  )
}
