import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Logger } from "@remote-swe/core/logger"
import { Machine } from "@remote-swe/core/machine"
import { Queue } from "@remote-swe/core/queue"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import { deliverers } from "@remote-swe/functions/deliverer"
import * as Launch from "@remote-swe/functions/queue/launch"
import { Resource } from "sst"
import { bedrock, inherited, root } from "./config.ts"
import * as Process from "./process/provider.ts"
import { onEnd } from "./signal.ts"
import { create as createSweeper } from "./sweeper.ts"

/**
 * The pane of `sst dev` that stands in for EC2: launches and sweeps against the stage's own table and
 * queue, with workers as processes of this machine.
 */

const url = Resource.LauncherQueue.url
const client = new SQSClient()
const stopping = new AbortController()
const home = path.join(root, ".remote-swe", "dev")

const provider = await Process.create({
  folder: path.join(home, "worker"),
  logs: path.join(home, "log"),
  cache: path.join(home, "cache"),
  program: Process.program,
  environment: {
    ...inherited(),
    REMOTE_SWE_API_URL: Resource.Settings.apiURL,
    GITHUB_SERVER_URL: Resource.Settings.githubServerURL,
    GITHUB_API_URL: Resource.Settings.githubAPIURL,
    ...("AnthropicApiKey" in Resource && { ANTHROPIC_API_KEY: Resource.AnthropicApiKey.value }),
    ...(Resource.Settings.provider === "bedrock" && bedrock()),
  },
  onExit: (sessionID) =>
    void Queue.wake(sessionID).catch((error: unknown) => Logger.warn("nobody was told", { sessionID, error })),
})
const world = { provider, policy: Machine.policy(Resource.Settings.idleMs) }
const launch = Launch.create(world)
const sweeper = createSweeper(Sweep.create(world, await deliverers()))
const polling = poll()
await onEnd()
stopping.abort()
await polling
await sweeper.close()
await provider.close()
process.exit()

async function poll() {
  while (!stopping.signal.aborted) {
    const received = await client
      .send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 5, WaitTimeSeconds: 20 }), {
        abortSignal: stopping.signal,
      })
      .catch(async (error: unknown) => {
        if (stopping.signal.aborted) return
        Logger.warn("the queue does not answer; trying again", { error })
        await delay(2_000)
      })
    await handle(received?.Messages ?? [])
  }
}

/** What failed stays in the queue, and comes back. */
async function handle(messages: Message[]) {
  if (messages.length === 0) return
  const Records = messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body }))
  const { batchItemFailures } = await launch({ Records })
  const failed = new Set(batchItemFailures.map((item) => item.itemIdentifier))
  for (const { MessageId = "", ReceiptHandle } of messages)
    if (!failed.has(MessageId)) await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
}
