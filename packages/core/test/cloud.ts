import { createHash, randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs"
import dynalite from "dynalite"
import S3rver from "s3rver"
import { definition } from "../src/dynamo/definition.ts"

/** The cloud that tests of core and of its users run against: real AWS SDK clients, embedded servers. */

/** Starts servers for one test run and says by environment variables where they are. */
export async function start() {
  const whole = process.env["TEST_AWS_ENDPOINT"]
  if (whole) {
    point({ dynamo: whole, s3: whole, sqs: whole, iot: whole })
    return async () => undefined
  }
  const directory = await mkdtemp(join(tmpdir(), "remote-swe-test-"))
  const tables = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const objects = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory })
  const messages = createServer(answer)
  const dynamo = process.env["TEST_DYNAMODB_ENDPOINT"] ?? (await listen(tables))
  const s3 = await objects.run()
  const sink = await listen(messages)
  point({ dynamo, s3: `http://127.0.0.1:${s3.port}`, sqs: sink, iot: sink })
  return async () => {
    tables.close()
    messages.close()
    await objects.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Points the SDK's clients at servers of ours. */
function point({ dynamo, s3, sqs, iot }: { dynamo: string; s3: string; sqs: string; iot: string }) {
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: dynamo,
    AWS_ENDPOINT_URL_S3: s3,
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_IOT_DATA_PLANE: iot,
  })
}

/** A table and a bucket of one test file's own. Must run before anything imports `sst`. */
export async function links() {
  // S3rver takes its own key pair and no other.
  process.env["AWS_ACCESS_KEY_ID"] = "S3RVER"
  process.env["AWS_SECRET_ACCESS_KEY"] = "S3RVER"
  const name = `test-${randomUUID()}`
  await new DynamoDBClient().send(new CreateTableCommand({ ...definition, TableName: name }))
  await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: name }))
  const resources = {
    App: { name: "remote-swe", stage: "test" },
    Table: { name },
    Bucket: { name },
    Realtime: { endpoint: "ws://127.0.0.1:1/mqtt", authorizer: "test" },
    RealtimeKey: { value: "a key that only tests use" },
    CookieKey: { value: "another key that only tests use" },
    PushKey: { value: "a third key that only tests use" },
    LauncherQueue: { url: await queue(name) },
    Settings: {
      provider: "anthropic",
      model: "claude-sonnet-4-5",
      models: "[]",
      apiURL: "http://127.0.0.1:1",
      webURL: "http://127.0.0.1:1",
      machine: "process",
      idleMs: 1_800_000,
    },
  }
  for (const [key, value] of Object.entries(resources)) process.env[`SST_RESOURCE_${key}`] = JSON.stringify(value)
}

/** A cloud that is whole wants to be asked for a queue; ours takes what is sent anywhere. */
async function queue(name: string) {
  if (!process.env["TEST_AWS_ENDPOINT"]) return `${process.env["AWS_ENDPOINT_URL_SQS"]}/queue/launcher`
  const { QueueUrl = "" } = await new SQSClient().send(new CreateQueueCommand({ QueueName: name }))
  return QueueUrl
}

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Takes what is sent to a queue or a topic, as SQS and IoT do, and drops it. */
const answer: Parameters<typeof createServer>[1] = async (request, response) => {
  const body = await text(request)
  response.setHeader("content-type", "application/x-amz-json-1.0")
  if (request.url?.startsWith("/topics/")) return response.end("{}")
  const { MessageBody = "" } = JSON.parse(body)
  const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex")
  response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }))
}
