import type { AttributeDefinition, CreateTableCommandInput } from "@aws-sdk/client-dynamodb"
import { table } from "./table.ts"

/** The one table in the form that the SDK takes, for those who make it themselves. */
export const definition: Omit<CreateTableCommandInput, "TableName"> = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: Object.keys(table.fields).map((AttributeName): AttributeDefinition => ({
    AttributeName,
    AttributeType: "S",
  })),
  KeySchema: schema(table.primaryIndex),
  GlobalSecondaryIndexes: Object.entries(table.globalIndexes).map(([IndexName, index]) => ({
    IndexName,
    KeySchema: schema(index),
    Projection:
      "projection" in index
        ? { ProjectionType: "INCLUDE", NonKeyAttributes: index.projection }
        : { ProjectionType: "ALL" },
  })),
}

function schema({ hashKey, rangeKey }: { hashKey: string; rangeKey: string }) {
  return [
    { AttributeName: hashKey, KeyType: "HASH" as const },
    { AttributeName: rangeKey, KeyType: "RANGE" as const },
  ]
}
