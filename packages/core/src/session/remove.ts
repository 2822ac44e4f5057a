import { BatchWriteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb"
import { Actor } from "../actor/index.ts"
import { Bucket } from "../bucket/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { Identifier } from "../identifier.ts"
import { Queue } from "../queue/index.ts"
import { Realtime } from "../realtime/index.ts"
import { Topic } from "../realtime/topic.ts"
import { fn } from "../util/fn.ts"
import { SessionEntity } from "./entity.ts"
import { forget, load } from "./store.ts"

/** How long what is left of a deleted session keeps late writers from bringing it back. */
const graceDays = 7

/**
 * Deletes a session with all that belongs to it: log, files, machine. What it cost stays in the usage
 * report. Safe to repeat after a crash in the middle.
 */
export const remove = fn(Identifier.schema("session"), async (id) => {
  Actor.assert("session.write", id)
  await load(id)
  const expireAt = Math.floor(Date.now() / 1000) + graceDays * 86_400
  // Its head is beyond every log's, so that no stored fold replaces it.
  const nowhere = { month: "", updated: 0, parentID: "", unrest: "no" } as const
  await SessionEntity.put({ id, head: Number.MAX_SAFE_INTEGER, expireAt, ...nowhere }).go()
  forget(id)
  await clear(id)
  await Queue.wake(id)
  await Realtime.publish(Topic.sessions(Realtime.root()), { id, deleted: true })
})

/** Deletes what a deleted session left, also what a late writer added since. */
export async function clear(id: string) {
  const { table: TableName } = Dynamo.config
  const found = await Dynamo.client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": Dynamo.partition(id) },
      ProjectionExpression: "pk, sk",
      ConsistentRead: true,
      Limit: 500,
    }),
  )
  const keys = (found.Items ?? []).filter((item) => item.sk !== "session")
  for (let start = 0; start < keys.length; start += 25) await discard(TableName, keys.slice(start, start + 25))
  if (found.LastEvaluatedKey) return clear(id)
  await Bucket.removePrefix(`session/${id}/`)
}

async function discard(table: string, keys: Record<string, unknown>[]): Promise<void> {
  const RequestItems = { [table]: keys.map((Key) => ({ DeleteRequest: { Key } })) }
  const { UnprocessedItems } = await Dynamo.client.send(new BatchWriteCommand({ RequestItems }))
  const left = (UnprocessedItems?.[table] ?? []).flatMap((item) => item.DeleteRequest?.Key ?? [])
  if (left.length > 0) return discard(table, left)
}
