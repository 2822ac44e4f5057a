import { CustomAttributeType, Entity, type EntityItem } from "electrodb"
import type { Info as Actor } from "../actor/schema.ts"
import { Dynamo } from "../dynamo/index.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | a session's events in order, from any sequence | primary | sessionID, seq |
 * | one event | primary | sessionID, seq |
 */
export const LogEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "event", version: "1" },
    attributes: {
      sessionID: { type: "string", required: true },
      seq: { type: "number", required: true, padding: { length: 10, char: "0" } },
      eventID: { type: "string", required: true },
      /** Beside the body, so that readers of the table's stream can choose. */
      kind: { type: "string" },
      at: { type: "number", required: true },
      actor: { type: CustomAttributeType<Actor>("any"), required: true },
      /** JSON: DynamoDB allows 32 levels of nesting and a model may send more. A long one is `packed` instead. */
      body: { type: "string" },
      packed: { type: CustomAttributeType<Uint8Array>("any") },
      /** Content hash of the whole body in the bucket, where `body` is shortened. */
      blob: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["sessionID"], template: "session#${sessionID}", casing: "none" },
        sk: { field: "sk", composite: ["seq"], template: "log#${seq}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type LogItem = EntityItem<typeof LogEntity>
