import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Machine } from "@remote-swe/core/machine"
import { Queue } from "@remote-swe/core/queue"
import { Realtime } from "@remote-swe/core/realtime"
import { Session } from "@remote-swe/core/session"
import * as Launch from "@remote-swe/functions/queue/launch"
import { Resource } from "sst"
import { expect, test } from "vitest"
import { stand } from "./links.ts"
import { as, create, machines, owner, world } from "./util.ts"

const sqs = new SQSClient()
const QueueUrl = Resource.LauncherQueue.url

/** Takes all that is in the launcher's queue now, in the form in which Lambda hands it on. */
async function drain() {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  return { Records: Messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body })) }
}

test("a session that is created wakes the launcher, which starts its machine", async () => {
  const { id } = await create()
  const batch = await drain()
  expect(batch.Records.map((item) => JSON.parse(item.body))).toEqual([{ sessionID: id }])
  expect(await Launch.create(world())(batch)).toEqual({ batchItemFailures: [] })
  expect(await machines(id)).toMatchObject([{ state: "running" }])
  expect(await Machine.find(id)).toMatchObject({ generation: 1 })
  await drain()
})

test("a message may wait before it is seen", async () => {
  const { id } = await create()
  await drain()
  await Queue.wake(id, { delayMs: 60_000 })
  expect(await drain()).toEqual({ Records: [] })
})

test("what happens in a session is announced to the topics of its stage", async () => {
  const before = stand.edge.asked.length
  const { id } = await create()
  await as(owner, () => Session.send({ sessionID: id, message: "And this" }))
  const published = stand.edge.asked.slice(before).filter((item) => item.path.startsWith("/topics/"))
  expect(published.every((item) => item.status === 200)).toBe(true)
  const topics = new Set(published.map((item) => decodeURIComponent(item.path.split("?")[0] ?? "")))
  const root = `/topics/${Realtime.root()}`
  expect([...topics].toSorted()).toEqual([`${root}/session/${id}/events`, `${root}/sessions`])
})
