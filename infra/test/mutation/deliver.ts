import { type Mutation, add, also, drop, never, put } from "./make.ts"

/** Slack, and what is brought there and to browsers. */
export const deliver: Mutation[] = [
  drop("production", "SlackDeadLetters"),
  drop("production", "DeliverDeadLetters"),
  put("production", "SlackDeadLetters", "dimensions", { QueueName: "another" }),
  put("production", "SlackQueueQueue", "fifoQueue", false),
  put("production", "SlackQueueQueue", "visibilityTimeoutSeconds", 30),
  put("production", "SlackQueueQueue", "redrivePolicy", JSON.stringify({ maxReceiveCount: 5 })),
  put("production", "SlackQueueQueue", "sqsManagedSseEnabled", false),
  put("production", "DeliverDeadQueue", "messageRetentionSeconds", 60),
  put("production", "SlackUrl", "invokeMode", "RESPONSE_STREAM"),
  put("production", "SlackFunction", "environment", { variables: {} }),
  put(
    "production",
    "Firewall",
    "rules.0.statement.notStatement.statements.0.orStatement.statements.2.byteMatchStatement.positionalConstraint",
    "STARTS_WITH",
  ),
  put(
    "production",
    "Firewall",
    "rules.1.statement.notStatement.statements.0.orStatement.statements.2.byteMatchStatement.textTransformations",
    [{ priority: 0, type: "URL_DECODE" }],
  ),
  ...["functionResponseTypes", "destinationConfig", "filterCriteria", "maximumRetryAttempts"].map((field) =>
    put("production", "TableSubscriberDeliverEventSourceMapping", field, undefined),
  ),
  put("small", "TableSubscriberDeliverEventSourceMapping", "filterCriteria", undefined),
  drop("small", "DeliverDeadLetters"),
  {
    name: "small: no key for push services",
    make: (s) => void (s.small.resources = s.small.resources.filter((item) => item.name !== "PushKeyBytes")),
  },
  {
    name: "production: a short key for push services",
    make: (s) => s.production.resources.forEach((item) => item.name === "PushKeyBytes" && (item.inputs["length"] = 8)),
  },
  {
    name: "production: deliverers without the key for push services",
    make(s) {
      const fn = s.production.functions.find((item) => item.id.startsWith("TableSubscriberDeliver"))
      fn?.links.splice(fn.links.indexOf("PushKey"), 1)
    },
  },
  also("Slack", "dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/remote-swe"),
  also("SlackQueueSubscriber", "sqs:PurgeQueue", "*"),
  also("TableSubscriberDeliver", "s3:DeleteObject", "arn:aws:s3:::any/*"),
  never("TableSubscriberDeliver", "dynamodb:UpdateItem"),
  never("TableSubscriberDeliver", "sqs:SendMessage"),
  {
    name: "production: the door of Slack with the table",
    make: (s) => void s.production.functions.find((item) => item.id === "Slack")?.links.push("Table"),
  },
  {
    name: "dev: no connection to Slack",
    make: (s) => void (s.dev.resources = s.dev.resources.filter((item) => item.name !== "SlackSocket")),
  },
  add("small", "aws:sqs/queue:Queue", "SlackQueueQueue", { sqsManagedSseEnabled: true }),
]
