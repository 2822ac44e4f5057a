import { CustomAttributeType, Entity } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import type { Row } from "./schema.ts"

/**
 * Lives outside the session's partition, so that what was spent outlives the session.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | what a session used on a day | primary | month, day, sessionID |
 * | what all sessions used from one day to another | primary | month, day range |
 */
export const UsageEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "usage", version: "1" },
    attributes: {
      month: { type: "string", required: true },
      day: { type: "string", required: true },
      sessionID: { type: "string", required: true },
      seq: { type: "number", required: true },
      models: { type: CustomAttributeType<Row["models"]>("any"), required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["month"], template: "usage#${month}", casing: "none" },
        sk: { field: "sk", composite: ["day", "sessionID"], template: "${day}#${sessionID}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)
