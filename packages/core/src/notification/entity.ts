import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import { Language } from "./schema.ts"

/**
 * The endpoint's hash is the primary key, so that a browser tells one person: whoever said so last.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | the subscription of a browser | primary | id |
 * | a person's subscriptions, oldest first | byUser (gsi1) | userID, created |
 */
export const SubscriptionEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "subscription", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      userID: { type: "string", required: true },
      endpoint: { type: "string", required: true },
      p256dh: { type: "string", required: true },
      auth: { type: "string", required: true },
      label: { type: "string", required: true },
      language: { type: Language.options, required: true },
      /** Our public key that the browser takes messages of. */
      publicKey: { type: "string", required: true },
      created: { type: "number", required: true, padding: { length: 15, char: "0" } },
      /** What this browser was told last while another of the same person could not be. */
      told: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["id"], template: "subscription#${id}", casing: "none" },
        sk: { field: "sk", composite: [], template: "subscription", casing: "none" },
      },
      byUser: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["userID"], template: "subscription#user#${userID}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["created", "id"], template: "${created}#${id}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type SubscriptionItem = EntityItem<typeof SubscriptionEntity>
