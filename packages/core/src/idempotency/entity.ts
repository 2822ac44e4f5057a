import { Entity } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | what became of this request | primary | hash of actor, route and key |
 */
export const IdempotencyEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "idempotency", version: "1" },
    attributes: {
      claim: { type: "string", required: true },
      bodyHash: { type: "string", required: true },
      /** What the ids of all that the request makes end with, so that a repetition makes nothing twice. */
      ulid: { type: "string", required: true },
      /** Until when whoever holds the claim is believed to be at work. */
      leaseUntil: { type: "number", required: true },
      status: { type: "number" },
      body: { type: "string" },
      expireAt: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["claim"], template: "idempotency#${claim}", casing: "none" },
        sk: { field: "sk", composite: [], template: "idempotency", casing: "none" },
      },
    },
  },
  Dynamo.config,
)
