/** The log by itself: no HTTP API, no worker; the embedded table on disk, behind the real AWS client. */
import path from "node:path"
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { Identifier } from "@remote-swe/core/identifier"
import type { BodyOf } from "@remote-swe/core/log/schema"
import * as Bucket from "../../src/cloud/bucket.ts"
import * as Broker from "../../src/cloud/broker.ts"
import * as Cloud from "../../src/cloud/index.ts"
import * as Queue from "../../src/cloud/queue.ts"
import * as Table from "../../src/cloud/table.ts"
import { Config, set } from "../../src/config.ts"
import { environment, names } from "../../src/resource.ts"
import { each, report, say, withFolder } from "../part.ts"

await withFolder(async (folder) => {
  const keys = { id: Bucket.keyID, secret: "a secret of the benchmark" }
  const table = await Table.open(path.join(folder, "table"), false)
  const queue = Queue.create()
  const broker = await Broker.create(async () => (await import("@remote-swe/functions/realtime/authorizer")).handler)
  const cloud = await Cloud.serve({ table, queue, broker, keys })
  set(
    environment(Config.read({}), {
      origin: "http://localhost",
      cloud: cloud.url,
      keys,
      realtimeKey: "bench",
      cookieKey: "bench",
      pushKey: "bench",
    }),
  )
  const client = new DynamoDBClient()
  await Table.create(client, names.table)
  const { Log } = await import("@remote-swe/core/log")

  const notice = (text: string): BodyOf<"notice"> => ({
    id: Identifier.create("event"),
    kind: "notice",
    level: "info",
    code: "bench",
    text,
  })
  const text = "x".repeat(500)
  const sessionID = Identifier.create("session")

  say("one writer")
  const raw = await each(2_000, (index) =>
    client.send(
      new PutItemCommand({
        TableName: names.table,
        Item: { pk: { S: "bench" }, sk: { S: String(index) }, text: { S: text } },
      }),
    ),
  )
  const single = await each(2_000, (index) => Log.append({ sessionID, after: index, body: notice(text) }))

  say("8 writers")
  const start = performance.now()
  const writers = await Promise.all(
    Array.from({ length: 8 }, () => Identifier.create("session")).map((id) =>
      each(250, (index) => Log.append({ sessionID: id, after: index, body: notice(text) })),
    ),
  )
  const seconds = (performance.now() - start) / 1_000

  say("reading")
  const rates: number[] = []
  for (let round = 0; round < 5; round++) {
    const begun = performance.now()
    let after = 0
    for (;;) {
      const page = await Log.list({ sessionID, after, limit: 500 })
      const last = page.at(-1)
      if (!last) break
      after = last.seq
    }
    rates.push(after / ((performance.now() - begun) / 1_000))
  }
  const pages = await each(200, (index) => Log.list({ sessionID, after: (index * 7) % 1_900, limit: 100 }))
  const ratio = single.map((value, index) => value / (raw[index] ?? value))

  await report(
    {
      name: "append one event",
      unit: "ms",
      samples: single,
      how: "one writer, 2,000 events of 500 characters, one after the other, straight through `Log.append`; the embedded table writes to disk",
    },
    {
      name: "append, against a bare PutItem",
      unit: "×",
      samples: ratio,
      how: "the same number of bare `PutItem` calls of the AWS SDK with as much text on the same table, pair by pair",
    },
    {
      name: "appends per second",
      unit: "/s",
      samples: [writers.flat().length / seconds],
      how: "8 writers at once, each on a session of its own, 250 events each",
    },
    {
      name: "read a page of 100 events",
      unit: "ms",
      samples: pages,
      how: "`Log.list` at 200 places of a log of 2,000 events",
    },
    {
      name: "events read per second",
      unit: "/s",
      samples: rates,
      how: "a log of 2,000 events from its beginning to its end in pages of 500, five times",
    },
  )
  client.destroy()
  await cloud.close()
  await broker.close()
  await queue.close()
  await table.close()
})
process.exit()
