import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import { Scope } from "./schema.ts"

/**
 * The hash is the primary key, so that a key that was just made works and one that was just removed
 * does not, wherever the read goes.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | the key with this hash | primary | hash |
 * | all keys, newest first | byAll (gsi1) | keyID |
 * | the key with this id | byAll (gsi1) | keyID |
 */
export const KeyEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "key", version: "1" },
    attributes: {
      hash: { type: "string", required: true, readOnly: true },
      keyID: { type: "string", required: true, readOnly: true },
      name: { type: "string", required: true },
      prefix: { type: "string", required: true },
      scope: { type: Scope.options, required: true },
      creator: { type: "string", required: true },
      created: { type: "number", required: true },
      used: { type: "number" },
      expires: { type: "number" },
      /** Seconds; the table forgets the key then. */
      expireAt: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["hash"], template: "key#${hash}", casing: "none" },
        sk: { field: "sk", composite: [], template: "key", casing: "none" },
      },
      byAll: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: [], template: "key", casing: "none" },
        sk: { field: "gsi1sk", composite: ["keyID"], template: "${keyID}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type KeyItem = EntityItem<typeof KeyEntity>
