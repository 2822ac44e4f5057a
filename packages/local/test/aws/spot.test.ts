import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2"
import { Identifier } from "@remote-swe/core/identifier"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import * as Launch from "@remote-swe/functions/queue/launch"
import { Resource } from "sst"
import { afterEach, beforeEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { as, configure, create, ec2, info, machines, owner, works, world } from "./util.ts"

const sqs = new SQSClient()
const QueueUrl = Resource.LauncherQueue.url
const types = Resource.Worker.instanceTypes

beforeEach(() => configure({ spot: true, spotFallback: true }))
afterEach(() => {
  stand.edge.refuse(() => undefined)
  stand.edge.rewrite((body) => body)
})

async function drain() {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  return { Records: Messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body })) }
}

const market = (params: URLSearchParams) => params.get("InstanceMarketOptions.MarketType") ?? "on-demand"
const living = async (id: string) => (await machines(id)).filter((item) => item.state === "running")

/** Spot has none; what else is asked for is there. */
const withoutSpot = (code: string) =>
  stand.edge.refuse((params) =>
    params.get("Action") === "RunInstances" && market(params) === "spot" ? code : undefined,
  )

/** What was asked of EC2 since. */
function asked() {
  const before = stand.edge.calls("RunInstances").length
  return () =>
    stand.edge
      .calls("RunInstances")
      .slice(before)
      .map(({ params }) => `${market(params)} ${params.get("InstanceType")}`)
}

test("a Spot machine is asked for once, ends with its price, and its request carries the stage", async () => {
  const { id } = await create()
  await Machine.launch(id, world())
  const { params } = stand.edge.calls("RunInstances").at(-1) ?? { params: new URLSearchParams() }
  expect(Object.fromEntries([...params].filter(([name]) => name.startsWith("InstanceMarketOptions")))).toEqual({
    "InstanceMarketOptions.MarketType": "spot",
    "InstanceMarketOptions.SpotOptions.SpotInstanceType": "one-time",
    "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior": "terminate",
  })
  expect([...params.values()]).toContain("spot-instances-request")
  expect(await living(id)).toHaveLength(1)
})

test.each(["InsufficientInstanceCapacity", "MaxSpotInstanceCountExceeded", "SpotMaxPriceTooLow"])(
  "where Spot has none (%s), every type is asked for there, and then the first at the full price",
  async (code) => {
    withoutSpot(code)
    const since = asked()
    const { id } = await create()
    await Machine.launch(id, world())
    const spot = types.flatMap((type) => [`spot ${type}`, `spot ${type}`])
    expect(since()).toEqual([...spot, `on-demand ${types[0]}`])
    expect(await living(id)).toHaveLength(1)
  },
)

test("where nothing but Spot is wanted, the session waits until there is some", async () => {
  configure({ spotFallback: false })
  withoutSpot("InsufficientInstanceCapacity")
  const since = asked()
  const it = world()
  const { id } = await create()
  expect(await Machine.launch(id, it)).toMatchObject({ type: "wait", reason: "backoff" })
  expect(since().filter((item) => item.startsWith("on-demand"))).toEqual([])
  stand.edge.refuse(() => undefined)
  it.pass(60_000)
  await Sweep.create(it)()
  expect(await living(id)).toHaveLength(1)
})

/** A session in the middle of a turn. */
async function busy() {
  const it = world()
  const { id } = await create()
  await Machine.launch(id, it)
  await works(id, 1, "joined")
  const { head, unread } = await info(id)
  const turn = { phase: "started", turnID: Identifier.create("turn"), read: unread.map(({ seq }) => seq) } as const
  const event = { id: Identifier.create("event"), kind: "turn", turn } as const
  await as({ type: "worker", sessionID: id, generation: 1 }, () =>
    Session.work({ sessionID: id, generation: 1, after: head, events: [event] }),
  )
  await drain()
  return { id, it }
}

test("a worker that leaves because its machine is taken back is followed at once, and nobody is to blame", async () => {
  const { id, it } = await busy()
  await works(id, 1, "left", "stopped")
  const batch = await drain()
  expect(batch.Records.map((item) => JSON.parse(item.body))).toEqual([{ sessionID: id }])
  await Launch.create(it)(batch)
  expect(await living(id)).toMatchObject([{ generation: 2 }])
  expect(await Machine.find(id)).toMatchObject({ generation: 2, failures: 0 })
  expect(await info(id)).toMatchObject({ status: "starting" })
})

test("a machine that is taken without notice is replaced by the next sweep, and nobody is to blame", async () => {
  const { id, it } = await busy()
  for (let generation = 1; generation <= 7; generation++) {
    const [machine] = await living(id)
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine?.id ?? ""] }))
    stand.edge.rewrite((body) => body.replaceAll("Client.UserInitiatedShutdown", "Server.SpotInstanceTermination"))
    await Sweep.create(it)()
    expect(await living(id)).toMatchObject([{ generation: generation + 1 }])
    expect(await Machine.find(id)).toMatchObject({ failures: 0 })
    await works(id, generation + 1, "joined")
  }
  const { items } = await as(owner, () => Session.events({ id }))
  const left = items.filter((event) => event.kind === "left")
  expect(left.map((event) => (event.kind === "left" ? event.detail : ""))).toEqual(
    Array.from({ length: 7 }, () => "host"),
  )
  expect(items.filter((event) => event.kind === "notice")).toEqual([])
})
