import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | all hosts that people allowed to all sessions | primary | – |
 * | whether a host is among them | primary | allowed |
 */
export const EgressEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "egress", version: "1" },
    attributes: {
      allowed: { type: "string", required: true, readOnly: true },
      id: { type: "string", required: true, readOnly: true },
      creator: { type: "string", required: true },
      created: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: "egress", casing: "none" },
        sk: { field: "sk", composite: ["allowed"], template: "${allowed}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type EgressItem = EntityItem<typeof EgressEntity>
