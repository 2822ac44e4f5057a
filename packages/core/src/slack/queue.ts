import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Resource } from "sst"

const client = new SQSClient()

/** SQS takes no more; Slack's own requests are far smaller. */
const maxBytes = 256 * 1024

/** Stores what Slack sent. Only then may Slack be told that we have it. */
export async function enqueue(body: unknown) {
  const MessageBody = JSON.stringify(body)
  if (Buffer.byteLength(MessageBody) > maxBytes) throw new Error("Slack sent more than a queue takes")
  await client.send(new SendMessageCommand({ QueueUrl: Resource.SlackQueue.url, MessageBody }))
}
