import { createHash } from "node:crypto"
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Resource } from "sst"
import * as v from "valibot"

const client = new SQSClient()

/** SQS takes no more; Slack's own requests are far smaller. */
const maxBytes = 256 * 1024

const Body = v.object({
  event_id: v.optional(v.string()),
  event: v.optional(
    v.object({ channel: v.optional(v.string()), ts: v.optional(v.string()), thread_ts: v.optional(v.string()) }),
  ),
})

/**
 * Stores what Slack sent. Only then may Slack be told that we have it. What is said in a thread keeps its
 * order, and what Slack repeats within minutes is taken once.
 */
export async function enqueue(body: unknown) {
  const MessageBody = JSON.stringify(body)
  if (Buffer.byteLength(MessageBody) > maxBytes) throw new Error("Slack sent more than a queue takes")
  const { event, event_id } = v.parse(Body, body)
  await client.send(
    new SendMessageCommand({
      QueueUrl: Resource.SlackQueue.url,
      MessageBody,
      MessageGroupId: hash([event?.channel, event?.thread_ts ?? event?.ts]),
      MessageDeduplicationId: hash(event_id ?? MessageBody),
    }),
  )
}

const hash = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex")
