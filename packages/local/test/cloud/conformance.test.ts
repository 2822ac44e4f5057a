import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane"
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb"
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3"
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import mqtt from "mqtt"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { names } from "../../src/resource.ts"
import { type Local, start } from "./cloud.ts"

/** What our code asks of AWS, asked by the real clients. The same holds for a personal stage. */

let local: Local
beforeAll(async () => {
  local = await start()
})
afterAll(() => local.stop())

const foreign = { credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" } }

describe("the table", () => {
  const TableName = names.table
  const item = (pk: string, sk: string, more: Record<string, { S: string }> = {}) => ({
    pk: { S: pk },
    sk: { S: sk },
    ...more,
  })

  test("refuses a second item under a condition that there is none", async () => {
    const client = new DynamoDBClient()
    const put = new PutItemCommand({ TableName, Item: item("a", "1"), ConditionExpression: "attribute_not_exists(pk)" })
    await client.send(put)
    await expect(client.send(put)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" })
  })

  test("lets one of many writers win", async () => {
    const client = new DynamoDBClient()
    const writers = Array.from({ length: 20 }, (_, index) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: item("race", "1", { by: { S: String(index) } }),
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      ),
    )
    const results = await Promise.allSettled(writers)
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1)
  })

  test("pages a query in order, and serves every index", async () => {
    const client = new DynamoDBClient()
    for (let start = 0; start < 60; start += 20)
      await client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            [TableName]: Array.from({ length: 20 }, (_, index) => {
              const sk = String(start + index).padStart(3, "0")
              const keys = [1, 2, 3].flatMap((n) => [
                [`gsi${n}pk`, { S: `index ${n}` }],
                [`gsi${n}sk`, { S: sk }],
              ])
              return { PutRequest: { Item: item("many", sk, Object.fromEntries(keys)) } }
            }),
          },
        }),
      )
    const query = (IndexName: string | undefined, name: string, value: string, ExclusiveStartKey?: never) =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName,
          KeyConditionExpression: `${name} = :pk`,
          ExpressionAttributeValues: { ":pk": { S: value } },
          Limit: 25,
          ExclusiveStartKey,
          ScanIndexForward: false,
        }),
      )
    const first = await query(undefined, "pk", "many")
    const second = await query(undefined, "pk", "many", first.LastEvaluatedKey as never)
    const keys = [...(first.Items ?? []), ...(second.Items ?? [])].map((found) => Number(found["sk"]?.S))
    expect(keys).toEqual(Array.from({ length: 50 }, (_, index) => 59 - index))
    for (const n of [1, 2, 3]) expect((await query(`gsi${n}`, `gsi${n}pk`, `index ${n}`)).Items).toHaveLength(25)
  })

  test("is closed to whoever has another secret, or none", async () => {
    const get = new GetItemCommand({ TableName, Key: item("a", "1") })
    await expect(new DynamoDBClient(foreign).send(get)).rejects.toMatchObject({ name: "InvalidSignatureException" })
    const bare = await fetch(local.url, {
      method: "POST",
      headers: {
        "x-amz-target": "DynamoDB_20120810.ListTables",
        authorization:
          "AWS4-HMAC-SHA256 Credential=S3RVER/1/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: "{}",
    })
    expect(bare.status).toBe(403)
  })
})

describe("the bucket", () => {
  const Bucket = names.bucket
  const client = () => new S3Client({ forcePathStyle: true })

  test("keeps bytes, type and an odd name", async () => {
    const s3 = client()
    const Key = "session/ses_1/file/a name (1) ü+%.txt"
    const Body = new Uint8Array(300_000).map((_, index) => index % 251)
    await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "text/x-odd" }))
    const found = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(found.ContentType).toBe("text/x-odd")
    expect(Buffer.compare((await found.Body?.transformToByteArray()) ?? new Uint8Array(), Body)).toBe(0)
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({ ContentLength: 300_000 })
  })

  test("is read whole right after it was written", async () => {
    const s3 = client()
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const text = `${index}`.repeat(50_000)
        await s3.send(new PutObjectCommand({ Bucket, Key: `race/${index}`, Body: text }))
        const found = await s3.send(new GetObjectCommand({ Bucket, Key: `race/${index}` }))
        expect((await found.Body?.transformToString()) === text).toBe(true)
      }),
    )
  })

  test("copies, lists below a prefix, and deletes", async () => {
    const s3 = client()
    await s3.send(new PutObjectCommand({ Bucket, Key: "list/a", Body: "a" }))
    await s3.send(new CopyObjectCommand({ Bucket, Key: "list/b", CopySource: `${Bucket}/list/a` }))
    const listed = async () =>
      ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }))).Contents ?? []).map((found) => found.Key)
    expect(await listed()).toEqual(["list/a", "list/b"])
    const Objects = [{ Key: "list/a" }, { Key: "list/b" }]
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
    expect(await listed()).toEqual([])
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: "list/a" }))).rejects.toMatchObject({ name: "NoSuchKey" })
  })

  test("takes and gives files through presigned links, which run no script and cannot be changed", async () => {
    const s3 = client()
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "up", ContentType: "text/html" }))
    const body = "<script>alert(1)</script>"
    const sent = await fetch(put, { method: "PUT", body, headers: { "content-type": "text/html" } })
    expect(sent.status).toBe(200)
    const command = new GetObjectCommand({ Bucket, Key: "up", ResponseContentDisposition: 'attachment; filename="x"' })
    const get = await getSignedUrl(s3, command)
    const found = await fetch(get)
    expect(await found.text()).toBe(body)
    expect(found.headers.get("content-disposition")).toBe('attachment; filename="x"')
    expect(found.headers.get("content-security-policy")).toContain("sandbox")
    expect(found.headers.get("x-content-type-options")).toBe("nosniff")
    for (const other of [
      get.replace("/up?", "/other?"),
      get.replace("attachment", "inline"),
      `${local.origin}/${Bucket}/up`,
    ])
      expect((await fetch(other)).status).toBe(403)
  })

  test("forgets a link that has ended, and is closed to another secret", async () => {
    const s3 = client()
    const past = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "up" }), {
      signingDate: new Date(Date.now() - 120_000),
      expiresIn: 60,
    })
    expect((await fetch(past)).status).toBe(403)
    const other = new S3Client({ forcePathStyle: true, ...foreign })
    await expect(other.send(new GetObjectCommand({ Bucket, Key: "up" }))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    })
  })
})

describe("the queue", () => {
  test("delivers a message, again after a failure, and answers with the hash that the client checks", async () => {
    const bodies: string[] = []
    const second = new Promise<void>((resolve) => {
      local.queue.subscribe(async ({ Records }) => {
        bodies.push(...Records.map((record) => record.body))
        if (bodies.length > 1) resolve()
        return { batchItemFailures: bodies.length === 1 ? [{ itemIdentifier: Records[0]?.messageId ?? "" }] : [] }
      })
    })
    const MessageBody = JSON.stringify({ text: "grüße" })
    await new SQSClient().send(new SendMessageCommand({ QueueUrl: `${local.url}/queue/launcher`, MessageBody }))
    await second
    expect(bodies).toEqual([MessageBody, MessageBody])
  })
})

describe("the broker", () => {
  const root = "remote-swe/local"
  const connect = async (password: string, protocolVersion: 4 | 5 = 5) =>
    mqtt.connectAsync(`${local.origin.replace("http", "ws")}/mqtt`, {
      protocolVersion,
      username: "",
      password,
      clientId: `test_${crypto.randomUUID()}`,
      reconnectPeriod: 0,
    })
  const access = async (subscribe: string[], publish: string[] = []) => {
    const { Realtime } = await import("@remote-swe/core/realtime")
    const { token } = await Realtime.token({ type: "system" }, { subscribe, publish })
    return token
  }
  const next = (client: mqtt.MqttClient) =>
    new Promise<[string, string]>((resolve) =>
      client.once("message", (topic, payload) => resolve([topic, payload.toString()])),
    )

  test.each([4, 5] as const)("brings what the cloud publishes to who may see it (MQTT %i)", async (version) => {
    const client = await connect(await access([`${root}/session/*/events`]), version)
    await client.subscribeAsync(`${root}/session/ses_1/events`, { qos: 1 })
    const message = next(client)
    const payload = Buffer.from(JSON.stringify({ seq: 1 }))
    await new IoTDataPlaneClient().send(new PublishCommand({ topic: `${root}/session/ses_1/events`, qos: 1, payload }))
    expect(await message).toEqual([`${root}/session/ses_1/events`, '{"seq":1}'])
    await client.endAsync()
  })

  test("refuses a wrong token, a topic that is not in it, and a wider filter", async () => {
    await expect(connect("no token")).rejects.toThrow()
    const client = await connect(await access([`${root}/session/ses_1/events`]))
    for (const filter of [`${root}/session/ses_2/events`, `${root}/session/+/events`, "#"]) {
      const granted = await client.subscribeAsync(filter, { qos: 1 }).then(
        ([grant]) => (grant?.qos ?? 128) < 128,
        () => false,
      )
      expect(granted).toBe(false)
    }
    await client.endAsync()
  })

  test("lets a worker publish on its own topics only", async () => {
    const watcher = await connect(await access([`${root}/session/*/delta`]))
    await watcher.subscribeAsync(`${root}/session/ses_1/delta`, { qos: 1 })
    await watcher.subscribeAsync(`${root}/session/ses_2/delta`, { qos: 1 })
    const message = next(watcher)
    const intruder = await connect(await access([], [`${root}/session/ses_1/delta`]))
    intruder.on("error", () => undefined)
    await intruder.publishAsync(`${root}/session/ses_2/delta`, "forged", { qos: 0 })
    const worker = await connect(await access([], [`${root}/session/ses_1/delta`]))
    await worker.publishAsync(`${root}/session/ses_1/delta`, "mine", { qos: 1 })
    expect(await message).toEqual([`${root}/session/ses_1/delta`, "mine"])
    await Promise.all([watcher, worker, intruder].map((client) => client.endAsync(true)))
  })

  test("takes up to 128 KB, as IoT does", async () => {
    const client = new IoTDataPlaneClient({ maxAttempts: 1 })
    const send = (bytes: number) =>
      client.send(new PublishCommand({ topic: `${root}/sessions`, qos: 1, payload: Buffer.alloc(bytes) }))
    await send(128 * 1024)
    await expect(send(128 * 1024 + 1)).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } })
  })
})
