export * as Dynamo from "./index.ts"
import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb"
import { ElectroError } from "electrodb"
import { Resource } from "sst"

export const service = "swe"

export const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 5 }), {
  marshallOptions: { removeUndefinedValues: true },
})

export const config = { client, table: Resource.Table.name }

/** Whether a write was refused by its own condition: somebody else was first. */
export function isConditionFailed(error: unknown) {
  const cause = error instanceof ElectroError ? error.cause : error
  return cause instanceof ConditionalCheckFailedException
}

/** All that belongs to a session shares its partition, so that deleting it is one query. */
export const partition = (sessionID: string) => `session#${sessionID}`
