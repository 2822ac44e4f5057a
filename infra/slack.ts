import { Config } from "./config.ts"
import { guarded } from "./guard.ts"
import { permission } from "./permission.ts"
import { queue as launcherQueue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { router } from "./router.ts"
import { present, secret } from "./secret.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"

/** The bot: on by having its token. Slack knocks at a small function, and a queue keeps what it says. */

const { slack: options } = Config.use()

export const slack = secret.slackBotToken ? create(secret.slackBotToken) : undefined

function create(token: sst.Secret) {
  const own = new sst.Linkable("SlackSettings", { properties: { admins: options.admins.join(",") } })

  /** Takes what could not be worked on, again and again. An alarm tells of it. */
  const dead = new sst.aws.Queue("SlackDead", {
    fifo: true,
    transform: { queue: { messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true } },
  })
  // First in, first out: what is said in a thread keeps its order.
  const queue = new sst.aws.Queue("SlackQueue", {
    fifo: true,
    visibilityTimeout: "6 minutes",
    dlq: { queue: dead.arn, retry: 5 },
    transform: { queue: { messageRetentionSeconds: 4 * 86_400, sqsManagedSseEnabled: true } },
  })

  const subscriber = queue.subscribe(
    {
      handler: "packages/slack/src/queue.handler",
      timeout: "1 minute",
      memory: "1024 MB",
      link: [table, bucket, launcherQueue, realtime, settings, own, token],
      permissions: [...permission.readAndWrite, ...permission.announce, ...permission.wake],
    },
    { batch: { size: 1, partialResponses: true } },
  )

  const door = secret.slackSigningSecret
    ? new sst.aws.Function(
        "Slack",
        guarded({
          handler: "packages/slack/src/handler.handler",
          url: { router: { instance: router, path: "/slack" }, cors: false },
          // Slack waits for three seconds, a cold start included.
          timeout: "10 seconds",
          memory: "1024 MB",
          link: [queue, secret.slackSigningSecret],
          permissions: [{ actions: ["sqs:SendMessage"], resources: [queue.arn] }],
        }),
      )
    : undefined

  if ($dev && secret.slackAppToken)
    new sst.x.DevCommand("SlackSocket", {
      link: [queue, own, ...present(secret.slackAppToken)],
      environment: { AWS_REGION: Config.use().region },
      dev: { command: "../../node_modules/.bin/node src/dev.ts", directory: "packages/slack", title: "Slack" },
    })

  return { dead, queue, subscriber, door, links: [own, token] }
}
