import { account } from "../harness/aws.ts"
import { deployed } from "../scenes.ts"
import { simulate } from "./call.ts"
import { type Check, documents, list, of, one, roleOf } from "./see.ts"

export const slack: Check[] = [
  {
    name: "Slack is on where the bot's token is, and costs nothing elsewhere",
    run(scenes, see) {
      const names = ["SlackQueueQueue", "SlackDeadQueue"]
      for (const name of names) see.holds(one(scenes.production, name).name === name, `production: ${name}`)
      for (const scene of ["small", "elsewhere"] as const) {
        const found = scenes[scene].resources.filter((item) => item.name.startsWith("Slack"))
        see.same(
          found.map((item) => item.name),
          [],
          scene,
        )
      }
      const pane = scenes.dev.resources.find((item) => item.name === "SlackSocket")
      see.same(pane?.type, "sst:sst:DevCommand", "dev: a connection to Slack")
    },
  },
  {
    name: "what Slack says keeps its order, is tried five times, and is kept for two weeks",
    run({ production }, see) {
      const queue = one(production, "SlackQueueQueue").inputs
      see.has(queue, { fifoQueue: true, sqsManagedSseEnabled: true }, "The queue")
      const redrive = String(queue["redrivePolicy"])
      see.has(JSON.parse(redrive), { maxReceiveCount: 5 }, "Attempts")
      see.holds(redrive.includes("SlackDeadQueue"), "Where dead letters go")
      see.has(
        one(production, "SlackDeadQueue").inputs,
        { fifoQueue: true, messageRetentionSeconds: 1_209_600 },
        "Dead letters",
      )
      see.has(one(production, "DeliverDeadQueue").inputs, { messageRetentionSeconds: 1_209_600 }, "Dead batches")
      const mapping = of(production, "aws:lambda/eventSourceMapping:EventSourceMapping").find((item) =>
        item.name.startsWith("SlackQueue"),
      )
      see.has(mapping?.inputs, { functionResponseTypes: ["ReportBatchItemFailures"], batchSize: 1 }, "One by one")
      const fn = of(production, "aws:lambda/function:Function").find((item) => item.name.startsWith("SlackQueue"))
      see.holds(
        Number(queue["visibilityTimeoutSeconds"]) >= 6 * Number(fn?.inputs["timeout"]),
        "A message comes back before the bot's time is over",
      )
    },
  },
  {
    name: "the stream wakes deliverers for new events of the kinds that they look at, and tells of what failed",
    run(scenes, see) {
      for (const scene of deployed) {
        const { inputs } = one(scenes[scene], "TableSubscriberDeliverEventSourceMapping")
        see.has(
          inputs,
          {
            functionResponseTypes: ["ReportBatchItemFailures"],
            startingPosition: "LATEST",
            maximumRetryAttempts: 5,
            bisectBatchOnFunctionError: true,
          },
          `${scene}: the stream`,
        )
        const batches = JSON.stringify(inputs["destinationConfig"] ?? "")
        see.holds(batches.includes("DeliverDeadQueue"), `${scene}: where batches go`)
        const criteria = inputs["filterCriteria"] as { filters?: { pattern: string }[] } | undefined
        const [filter, ...more] = (criteria?.filters ?? []).map((item) => JSON.parse(item.pattern))
        see.same(more, [], `${scene}: more filters`)
        see.same(filter?.eventName, ["INSERT"], `${scene}: what is new`)
        see.same(filter?.dynamodb?.NewImage?.__edb_e__, { S: ["event"] }, `${scene}: what it is`)
        const push = ["message", "ask", "artifact", "turn"]
        const kinds = scene === "production" ? [...push, "output", "answer", "notice"] : push
        see.same(filter?.dynamodb?.NewImage?.kind, { S: kinds }, `${scene}: of which kinds`)
      }
    },
  },
  {
    name: "the key of push services is made here, kept as it is, and of one deployment",
    run(scenes, see) {
      for (const scene of deployed) {
        const key = scenes[scene].resources.find((item) => item.name === "PushKeyBytes")
        see.has(key, { type: "random:index/randomBytes:RandomBytes", inputs: { length: 48 } }, `${scene}: the key`)
        see.same(Object.keys(key?.inputs["keepers"] ?? {}), ["epoch"], `${scene}: what makes another one`)
        for (const item of of(scenes[scene], "aws:lambda/function:Function"))
          see.holds(!JSON.stringify(item.inputs["environment"]).includes("PushKey"), `${scene}: ${item.name}`)
      }
    },
  },
  {
    name: "alarms tell of what Slack said, or should be told, and nobody could work on",
    run({ production }, see) {
      for (const [alarm, queue] of [
        ["SlackDeadLetters", "SlackDead"],
        ["DeliverDeadLetters", "DeliverDead"],
      ] as const) {
        const { inputs } = one(production, alarm)
        see.has(inputs, { metricName: "ApproximateNumberOfMessagesVisible", threshold: 1 }, alarm)
        see.holds(JSON.stringify(inputs["dimensions"]).includes(queue), `${alarm} watches another queue`)
        see.holds(list(inputs["alarmActions"]).length === 1, `${alarm} tells nobody`)
      }
    },
  },
  {
    name: "IAM allows the bot and its deliverers what they have to do, and refuses the rest",
    async run({ production }, see) {
      const table = `arn:aws:dynamodb:us-east-1:${account}:table/${production.links["Table"]?.["name"]}`
      const bucket = `arn:aws:s3:::${production.links["Bucket"]?.["name"]}`
      const sqs = (name: string) => {
        const url = production.links[name]?.["url"]
        return `arn:aws:sqs:us-east-1:${account}:${url ? String(url).split("/").at(-1) : name}`
      }
      const stream = String(one(production, "TableSubscriberDeliverEventSourceMapping").inputs["eventSourceArn"])
      const dead = String(one(production, "DeliverDeadQueue").inputs["name"] ?? "DeliverDeadQueue")
      const can = async (wanted: boolean, role: string, action: string, resource: string) => {
        const item = roleOf(production, role)
        const principal = `arn:aws:iam::${account}:role/${item.name}`
        const answer = await simulate(principal, documents(item), { action, resource })
        const holds = wanted ? answer === "Allowed" : /^(Implicitly|Explicitly)Denied$/.test(answer)
        see.holds(holds, `${role} ${action} ${resource}: ${answer}`)
      }
      const door = "SlackRole"
      const [bot, deliver] = ["SlackQueueSubscriber", "TableSubscriberDeliver"]
      await can(true, door, "sqs:SendMessage", sqs("SlackQueue"))
      for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage"]) await can(true, bot, action, sqs("SlackQueue"))
      await can(true, deliver, "dynamodb:GetRecords", stream)
      await can(true, deliver, "sqs:SendMessage", `arn:aws:sqs:us-east-1:${account}:${dead}`)
      for (const role of [bot, deliver]) {
        for (const action of ["GetItem", "PutItem", "UpdateItem", "Query"])
          await can(true, role, `dynamodb:${action}`, table)
        await can(true, role, "dynamodb:Query", `${table}/index/gsi3`)
        await can(true, role, "s3:GetObject", `${bucket}/session/ses_1/file/1`)
        await can(true, role, "sqs:SendMessage", sqs("LauncherQueue"))
      }
      for (const role of [door, bot, deliver]) {
        for (const action of ["dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable"])
          await can(false, role, action, table)
        await can(false, role, "s3:DeleteObject", `${bucket}/session/ses_1/file/1`)
        await can(false, role, "s3:DeleteObject", "arn:aws:s3:::any/x")
        await can(false, role, "sqs:PurgeQueue", sqs("SlackQueue"))
        await can(false, role, "ec2:RunInstances", `arn:aws:ec2:us-east-1:${account}:instance/i-1`)
        await can(false, role, "iam:PassRole", `arn:aws:iam::${account}:role/remote-swe/WorkerRole`)
      }
      for (const action of ["dynamodb:GetItem", "dynamodb:Query"]) await can(false, door, action, table)
      await can(false, door, "dynamodb:GetItem", `arn:aws:dynamodb:us-east-1:${account}:table/remote-swe`)
      await can(false, door, "sqs:ReceiveMessage", sqs("SlackQueue"))
      await can(false, door, "s3:GetObject", `${bucket}/session/ses_1/file/1`)
      await can(false, "Api", "sqs:SendMessage", sqs("SlackQueue"))
    },
  },
  {
    name: "no deployment gives a secret of Slack to a function's environment",
    run(scenes, see) {
      for (const scene of deployed)
        for (const item of of(scenes[scene], "aws:lambda/function:Function"))
          see.holds(!JSON.stringify(item.inputs["environment"]).includes("of Slack"), `${scene}: ${item.name}`)
    },
  },
]
