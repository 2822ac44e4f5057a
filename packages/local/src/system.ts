import path from "node:path"
import { getRequestListener } from "@hono/node-server"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Logger } from "@remote-swe/core/logger"
import * as Broker from "./cloud/broker.ts"
import * as Bucket from "./cloud/bucket.ts"
import * as Inbox from "./cloud/inbox.ts"
import * as Cloud from "./cloud/index.ts"
import * as Queue from "./cloud/queue.ts"
import * as Stream from "./cloud/stream.ts"
import * as Table from "./cloud/table.ts"
import { ConfigError, inherited, type Info, set } from "./config.ts"
import * as Dashboard from "./dashboard.ts"
import { Demo } from "./demo/index.ts"
import { Home } from "./home.ts"
import { access } from "./model.ts"
import * as Process from "./process/provider.ts"
import { environment, names } from "./resource.ts"
import { serve } from "./server.ts"
import * as Slack from "./slack.ts"
import { create as createSweeper } from "./sweeper.ts"

export interface System {
  url: string
  apiKey: string
  home: string
  /** The demo's suggestion, where the demo model plays. */
  task: Demo.Task | undefined
  /** Ends everything, workers included. Safe to call twice. */
  stop(): Promise<void>
}

/** Things that were started, ended in the opposite order. */
function stack() {
  const ends: (() => unknown)[] = []
  let ending: Promise<void> | undefined
  async function unwind() {
    const failures: unknown[] = []
    for (const end of ends.toReversed()) await Promise.resolve(end()).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, "Not everything could be ended")
  }
  return {
    defer: (end: () => unknown) => void ends.push(async () => end()),
    end: () => (ending ??= unwind()),
  }
}

/** Brings up the whole system and returns once everything answers. Once per process: `sst` reads its links once. */
export async function start(config: Info): Promise<System> {
  const started = stack()
  try {
    return await bringUp(config, started)
  } catch (error) {
    await started.end().catch((error: unknown) => Logger.error("the start failed, and so did its end", { error }))
    throw error
  }
}

async function bringUp(config: Info, { defer, end }: ReturnType<typeof stack>): Promise<System> {
  const { home } = config
  const server = await serve(config)
  defer(server.close)
  const held = await Home.take(home)
  defer(held.release)

  const [secret, realtimeKey, cookieKey, pushKey, apiKey] = await Promise.all([
    Home.secret(home, "secret/cloud"),
    Home.secret(home, "secret/realtime"),
    Home.secret(home, "secret/cookie"),
    Home.secret(home, "secret/push"),
    config.apiKey ?? Home.secret(home, "api-key", "swe_k_"),
  ])
  const keys = { id: Bucket.keyID, secret }
  const stream = Stream.create()
  const table = await Table.open(path.join(home, "table"), held.unclean, stream)
  defer(table.close)
  await held.announce({ pid: process.pid, url: server.local })
  const queue = Queue.create()
  const broker = await Broker.create(async () => (await import("@remote-swe/functions/realtime/authorizer")).handler)
  defer(broker.close)
  const inbox = config.slack && (await Inbox.create(path.join(home, "slack")))
  const cloud = await Cloud.serve({ table, queue, inbox, broker, keys })
  defer(cloud.close)
  const bucket = await Bucket.open(path.join(home, "bucket"), names.bucket, keys)

  set(environment(config, { origin: server.origin, cloud: cloud.url, keys, realtimeKey, cookieKey, pushKey }))
  const client = new DynamoDBClient()
  await Table.create(client, names.table)
  client.destroy()

  // From here on `sst` may be imported.
  const parts = await import("./parts.ts")
  await parts.admit(apiKey)

  const demo = config.model.provider === "demo" ? await Demo.start() : undefined
  if (demo) defer(demo.close)
  const task = demo && (await Demo.prepare(home))

  const provider = await Process.create({
    folder: path.join(home, "worker"),
    logs: path.join(home, "log"),
    cache: path.join(home, "cache"),
    program: Process.program,
    environment: {
      ...inherited(),
      REMOTE_SWE_API_URL: `${server.local}/api/v1`,
      GITHUB_SERVER_URL: config.github.serverURL,
      GITHUB_API_URL: config.github.apiURL,
      ...access(config.model, demo?.url),
    },
    onExit: (sessionID) => void queue.send({ MessageBody: JSON.stringify({ sessionID }) }),
  })
  const world = parts.world(provider, config.idleMs)
  queue.subscribe(parts.launcher(world))
  stream.subscribe(await parts.changes())
  defer(stream.close)
  const slack = config.slack && inbox && (await Slack.open(config.slack, inbox))
  if (inbox) defer(inbox.close)
  if (slack) defer(slack.close)

  server.open({
    api: getRequestListener(parts.api),
    bucket: { name: names.bucket, listener: bucket },
    dashboard: await Dashboard.load(),
    broker: broker.upgrade,
    slack: slack?.listener,
  })
  // Workers say goodbye to a system that still answers; what they leave undone must not start new ones.
  defer(() => provider.close())
  defer(queue.close)
  const sweeper = createSweeper(await parts.sweep(world))
  defer(sweeper.close)
  await sweeper.run()
  await check(server.local, config.oidc ? "/auth/out" : "/")
  if (config.publicURL) await checkPublic(config.publicURL)
  return { url: server.origin, apiKey, home, task, stop: end }
}

/** Asks each part from outside, as a browser would. */
async function check(origin: string, page: string) {
  for (const path of ["/api/v1/health", page]) {
    const response = await fetch(origin + path)
    await response.body?.cancel()
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  }
}

/** Files go by the public address, also those of this system and its workers. */
async function checkPublic(url: string) {
  const response = await fetch(`${url}/api/v1/health`).catch((cause: unknown) => {
    throw new ConfigError(`REMOTE_SWE_PUBLIC_URL ${url} cannot be reached from this machine`, { cause })
  })
  await response.body?.cancel()
  if (response.ok) return
  throw new ConfigError(
    `REMOTE_SWE_PUBLIC_URL ${url} answered ${response.status} instead of leading here: ` +
      "let the proxy pass every path on, and the Host that it was asked for",
  )
}
