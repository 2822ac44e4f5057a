import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../../dynamo/index.ts"
import { Boot } from "../schema.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | all machines of the pool; one of them | primary | id |
 */
export const PoolEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "pool", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      imageID: { type: "string", required: true },
      bundle: { type: "string", required: true },
      boot: { type: Boot.options, required: true },
      createdAt: { type: "number", required: true },
      state: { type: ["free", "claimed", "failed"] as const, required: true },
      /** When it came to be so. */
      at: { type: "number", required: true },
      /** Of the session that has it. */
      sessionID: { type: "string" },
      generation: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: "pool", casing: "none" },
        sk: { field: "sk", composite: ["id"], template: "pool#${id}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type PoolItem = EntityItem<typeof PoolEntity>
