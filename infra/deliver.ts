import { permission } from "./permission.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { slack } from "./slack.ts"
import { bucket, table } from "./storage.ts"

/**
 * Brings what happens in sessions to Slack: woken by the table's stream, for the kinds of events that a
 * deliverer looks at. Where there is no deliverer, nothing reads the stream.
 */

const kinds = ["message", "output", "ask", "answer", "notice", "artifact", "turn"]

export const deliver = slack ? create(slack) : undefined

function create({ links }: NonNullable<typeof slack>) {
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
      link: [table, bucket, queue, realtime, settings, ...links],
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
