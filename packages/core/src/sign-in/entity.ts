import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import { Role } from "./schema.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | the sign-in whose secret has this hash | primary | hash |
 */
export const SignInEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "signin", version: "1" },
    attributes: {
      hash: { type: "string", required: true, readOnly: true },
      userID: { type: "string", required: true, readOnly: true },
      name: { type: "string", required: true },
      email: { type: "string" },
      role: { type: Role.options, required: true },
      /** `Tokens`, sealed. */
      tokens: { type: "string", required: true },
      renewable: { type: "boolean", required: true },
      created: { type: "number", required: true },
      /** When the issuer last vouched for the person. */
      checked: { type: "number", required: true },
      /** When the id token ends. */
      ends: { type: "number", required: true },
      /** Until when whoever asks the issuer again is believed to be at it. */
      leaseUntil: { type: "number" },
      /** Seconds; the table forgets the sign-in then. */
      expireAt: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["hash"], template: "signin#${hash}", casing: "none" },
        sk: { field: "sk", composite: [], template: "signin", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type SignInItem = EntityItem<typeof SignInEntity>
