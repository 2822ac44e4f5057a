import { permission } from "./permission.ts"
import { pushKey } from "./push.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { slack } from "./slack.ts"
import { bucket, table } from "./storage.ts"

/**
 * Brings what happens in sessions to browsers, and to Slack where it is on: woken by the table's stream, for
 * the kinds of events that a deliverer looks at.
 */

const forPush = ["message", "ask", "artifact", "turn"]
const forSlack = ["output", "answer", "notice"]
const kinds = [...forPush, ...(slack ? forSlack : [])]

export const deliver = create()

function create() {
  /** Tells of a batch that failed again and again. The sweeper comes back for what it was about. */
  const dead = new sst.aws.Queue("DeliverDead", {
    transform: { queue: { messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true } },
  })
  const subscriber = table.subscribe(
    "Deliver",
    {
      handler: "packages/functions/src/table/handler.handler",
      timeout: "2 minutes",
      memory: "1024 MB",
      link: [table, bucket, queue, realtime, settings, pushKey, ...(slack?.links ?? [])],
      permissions: [
        ...permission.readAndWrite,
        ...permission.announce,
        ...permission.wake,
        { actions: ["sqs:SendMessage"], resources: [dead.arn] },
      ],
    },
    {
      filters: [{ eventName: ["INSERT"], dynamodb: { NewImage: { __edb_e__: { S: ["event"] }, kind: { S: kinds } } } }],
      transform: {
        eventSourceMapping: {
          functionResponseTypes: ["ReportBatchItemFailures"],
          batchSize: 100,
          // An agent's events come in bursts.
          maximumBatchingWindowInSeconds: 1,
          parallelizationFactor: 4,
          maximumRetryAttempts: 5,
          maximumRecordAgeInSeconds: 3_600,
          bisectBatchOnFunctionError: true,
          destinationConfig: { onFailure: { destinationArn: dead.arn } },
        },
      },
    },
  )
  return { dead, subscriber }
}
