export * as Queue from "./index.ts"
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Resource } from "sst"
import * as v from "valibot"
import { Identifier } from "../identifier.ts"

const client = new SQSClient()

/** What the launcher reads from its queue. */
export const Wake = v.strictObject({ sessionID: Identifier.schema("session") })

/** Asks the launcher to look at the session. It decides from what is stored, so asking twice is harmless. */
export async function wake(sessionID: string, options: { delayMs?: number } = {}) {
  const MessageBody = JSON.stringify({ sessionID } satisfies v.InferInput<typeof Wake>)
  const DelaySeconds = Math.ceil((options.delayMs ?? 0) / 1000)
  await client.send(new SendMessageCommand({ QueueUrl: Resource.LauncherQueue.url, MessageBody, DelaySeconds }))
}
