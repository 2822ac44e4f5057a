import { createHash, randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import * as Broker from "../../src/cloud/broker.ts"
import * as Bucket from "../../src/cloud/bucket.ts"
import * as Inbox from "../../src/cloud/inbox.ts"
import * as Cloud from "../../src/cloud/index.ts"
import * as Queue from "../../src/cloud/queue.ts"
import * as Stream from "../../src/cloud/stream.ts"
import * as Table from "../../src/cloud/table.ts"
import { Config, inherited, set } from "../../src/config.ts"
import { Demo } from "../../src/demo/index.ts"
import { environment, names } from "../../src/resource.ts"
import { create as createSweeper } from "../../src/sweeper.ts"
import * as Deployment from "./deployment.ts"
import * as Builder from "../aws/builder.ts"
import * as Ec2 from "./ec2.ts"
import * as Lambda from "./function.ts"
import * as Machines from "./machine.ts"
import * as Router from "./router.ts"
import * as Scheduler from "./scheduler.ts"
import * as Url from "./url.ts"

/**
 * A deployment on this machine: the bundles, each in processes of its own, and around them the local cloud.
 * `env` is what a person would set to start that: where people sign in, and Slack.
 */
export async function start(env: NodeJS.ProcessEnv = {}) {
  const ends: (() => unknown)[] = []
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-u-"))
  ends.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const deployment = await Deployment.read()
  const router = await Router.serve()
  ends.push(router.close)

  const keys = { id: Bucket.keyID, secret: randomBytes(20).toString("hex") }
  const queue = Queue.create()
  const stream = Stream.create()
  const table = await Table.open(path.join(folder, "table"), false, stream)
  ends.push(table.close)
  const broker = await Broker.create(async () => (event, context) => lambdas.authorizer.call(event, context))
  ends.push(broker.close)
  const inbox = await Inbox.create(path.join(folder, "slack"))
  const cloud = await Cloud.serve({ table, queue, inbox, broker, keys })
  ends.push(cloud.close)
  const bucket = await Bucket.open(path.join(folder, "bucket"), names.bucket, keys)
  const demo = await Demo.start()
  ends.push(demo.close)
  const { repository, message } = await Demo.prepare(folder)

  const machines = await Machines.create(path.join(folder, "machine"), {
    ...(inherited() as Record<string, string>),
    ANTHROPIC_API_KEY: "demo",
    ANTHROPIC_BASE_URL: demo.url,
  })
  const ec2 = await Ec2.serve(machines)
  ends.push(ec2.close, machines.close)

  const config = Config.read({ ...env, REMOTE_SWE_HOME: folder, LLM_PROVIDER: "demo" })
  const builder = await Builder.start("nothing")
  ends.push(builder.close)
  const scheduler = await Scheduler.serve((input) => lambdas.trigger.call(input))
  ends.push(scheduler.close)
  const realtimeKey = randomBytes(32).toString("base64")
  const local = environment(config, {
    origin: router.origin,
    cloud: cloud.url,
    keys,
    realtimeKey,
    cookieKey: randomBytes(32).toString("base64"),
    pushKey: "x",
  })
  // Functions and tests are of one stage.
  const { SST_RESOURCE_App = "" } = Deployment.find(deployment, "api").environment
  set({ ...local, SST_RESOURCE_App })
  await Table.create(new DynamoDBClient(), names.table)
  const linked = links(local)
  const resources = {
    ...linked,
    Settings: { ...linked["Settings"], workerLogsURL: logsURL },
    WorkerIdentity: { assumedRole: Machines.assumedRole },
    Scheduler: { groupName: "stage", roleARN: "arn:role", targetARN: "arn:trigger", deadLetterARN: "arn:dead" },
    SlackSigningSecret: { value: config.slack?.signingSecret ?? "" },
    Worker: {
      ...{ templateID: "lt-1", templateVersion: "1", subnetIDs: ["subnet-1"], instanceTypes: ["x"], logGroup: "x" },
      ...{ spot: false, spotFallback: true, sudo: false, poolSize: 0, poolState: "stopped" },
    },
    WorkerImage: { fixed: "ami-1", base: "ami-1", architecture: "x86_64" },
    // Machines here have their program: what they are told of it they need not fetch.
    WorkerProgram: {
      ...{ bundleKey: "program/1.tar.gz", bundleVersion: "1", bundleSha256: "1", floor: 1 },
      ...{ recipeKey: "program/1.tar", recipeVersion: "1", recipeSha256: "1" },
    },
  }

  const key = randomBytes(20).toString("hex")
  const endpoints = {
    AWS_ENDPOINT_URL_EC2: ec2.url,
    AWS_ENDPOINT_URL_STS: machines.sts,
    AWS_ENDPOINT_URL_IMAGEBUILDER: builder.url,
    AWS_ENDPOINT_URL_SCHEDULER: scheduler.url,
  }
  const lambdas = await Promise.all(
    Deployment.all.map(async (name) => {
      const bundle = Deployment.find(deployment, name)
      const place = path.join(folder, "function", name)
      await Deployment.lay(bundle, place, resources)
      const lambda = Lambda.create({
        folder: place,
        handler: bundle.handler,
        seconds: bundle.seconds,
        environment: () => ({
          PATH: process.env["PATH"] ?? "",
          LAMBDA_TASK_ROOT: place,
          AWS_LAMBDA_FUNCTION_NAME: name,
          ...Object.fromEntries(Object.entries(local).filter(([name]) => name.startsWith("AWS_"))),
          ...endpoints,
          ...bundle.environment,
          ORIGIN_KEY_HASH: createHash("sha256").update(key).digest("hex"),
        }),
      })
      ends.push(lambda.close)
      return [name, lambda] as const
    }),
  ).then((list) => Object.fromEntries(list) as Record<Deployment.Name, Lambda.Lambda>)

  queue.subscribe(({ Records }) => lambdas.launcher.call({ Records: Records.map(record) }))
  ends.push(queue.close)
  if (config.slack) await inbox.subscribe(({ Records }) => lambdas.bot.call({ Records: Records.map(record) }))
  ends.push(inbox.close)
  stream.subscribe((batch) => lambdas.deliverer.call(batch))
  ends.push(stream.close)
  const sweeper = createSweeper(() => lambdas.sweeper.call(tick()))
  ends.push(sweeper.close)

  const served = [Url.serve(lambdas.api), Url.serve(lambdas.web), Url.serve(lambdas.slack)] as const
  const [api, web, slack] = await Promise.all(served)
  ends.push(api.close, web.close, slack.close)
  const { site } = deployment
  router.open({
    api: api.port,
    web: web.port,
    slack: slack.port,
    site,
    bucket: { name: names.bucket, listener: bucket },
    broker: broker.upgrade,
    key,
  })
  return {
    url: router.origin,
    /** Of the function itself, beside the router. */
    doors: { api: api.port, web: web.port, slack: slack.port },
    folder,
    repository,
    message,
    lambdas,
    scheduler,
    crash: ec2.crash,
    sweep: () => lambdas.sweeper.call(tick()),
    /** An API key, as whoever signed in would make it. */
    async apiKey() {
      const { Actor } = await import("@remote-swe/core/actor")
      const { Key } = await import("@remote-swe/core/key")
      const { secret } = await Actor.provide(owner, () => Key.create({ name: "tests", scope: "full" }))
      return secret
    },
    /** What opens the broker for a session's events, as a page of the dashboard gets it. */
    async realtime(sessionID: string) {
      const { Realtime } = await import("@remote-swe/core/realtime")
      const { Topic } = await import("@remote-swe/core/realtime/topic")
      const topic = Topic.session(Realtime.root(), sessionID, "events")
      return { topic, ...(await Realtime.access(owner, { subscribe: [topic], publish: [] })) }
    },
    async stop() {
      for (const end of ends.toReversed()) await end()
    },
  }
}

const owner = { type: "user", userID: "owner", name: "Owner", admin: true } as const

export type World = Awaited<ReturnType<typeof start>>

/** Where the console would have the machines' logs. */
export const logsURL = "https://console.example/#logsV2:log-groups/log-group/worker"

function links(environment: Record<string, string>): Record<string, object> {
  const entries = Object.entries(environment).flatMap(([name, value]) => {
    const [, link] = /^SST_RESOURCE_(.+)$/.exec(name) ?? []
    // App stands in the functions' own environment.
    return link && link !== "App" ? [[link, JSON.parse(value)] as const] : []
  })
  return Object.fromEntries(entries)
}

/** A message as SQS hands it to a function. */
const record = ({ messageId, body }: Queue.Batch["Records"][number]) => ({
  messageId,
  body,
  receiptHandle: messageId,
  attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(Date.now()) },
  messageAttributes: {},
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:LauncherQueue",
  awsRegion: "us-east-1",
})

/** What EventBridge sends each minute. */
const tick = () => ({
  version: "0",
  id: crypto.randomUUID(),
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: "000000000000",
  time: new Date().toISOString(),
  region: "us-east-1",
  resources: [],
  detail: {},
})
