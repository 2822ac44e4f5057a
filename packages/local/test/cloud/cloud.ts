import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import os from "node:os"
import path from "node:path"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import * as Broker from "../../src/cloud/broker.ts"
import * as Bucket from "../../src/cloud/bucket.ts"
import * as Cloud from "../../src/cloud/index.ts"
import * as Queue from "../../src/cloud/queue.ts"
import * as Table from "../../src/cloud/table.ts"
import { close, listen } from "../../src/net.ts"
import { environment, names } from "../../src/resource.ts"
import { Config } from "../../src/config.ts"

export type Local = Awaited<ReturnType<typeof start>>

/** The embedded servers and nothing else, with this process's SDK clients pointed at them. */
export async function start() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-test-"))
  const keys = { id: Bucket.keyID, secret: "the secret of one test run" }
  const queue = Queue.create()
  const broker = await Broker.create(async () => (await import("@remote-swe/functions/realtime/authorizer")).handler)
  const table = await Table.open(path.join(folder, "table"), false)
  const cloud = await Cloud.serve({ table, queue, broker, keys })
  const bucket = await Bucket.open(path.join(folder, "bucket"), names.bucket, keys)
  const front: Server = createServer((request, response) => bucket(request, response))
  front.on("upgrade", broker.upgrade)
  const origin = `http://localhost:${await listen(front, { host: "127.0.0.1", port: 0 })}`
  const config = Config.read({ REMOTE_SWE_HOME: folder, REMOTE_SWE_IDLE_MINUTES: "30" })
  Object.assign(
    process.env,
    environment(config, {
      origin,
      cloud: cloud.url,
      keys,
      realtimeKey: "a key that only tests use",
      cookieKey: "a key that only tests use",
      pushKey: "a key that only tests use",
    }),
  )
  await Table.create(new DynamoDBClient(), names.table)
  return {
    origin,
    url: cloud.url,
    queue,
    folder,
    async stop() {
      await queue.close()
      await close(front)
      await cloud.close()
      await broker.close()
      await table.close()
      await rm(folder, { recursive: true })
    },
  }
}
