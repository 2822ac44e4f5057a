import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | the session of a thread | primary | team, channel, ts |
 */
export const ThreadEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "slackThread", version: "1" },
    attributes: {
      team: { type: "string", required: true },
      channel: { type: "string", required: true },
      ts: { type: "string", required: true },
      sessionID: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: {
          field: "pk",
          composite: ["team", "channel", "ts"],
          template: "slack#thread#${team}#${channel}#${ts}",
          casing: "none",
        },
        sk: { field: "sk", composite: [], template: "thread", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | whether a person is approved | primary | team, userID |
 */
export const ApprovalEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "slackApproval", version: "1" },
    attributes: {
      team: { type: "string", required: true },
      userID: { type: "string", required: true },
      /** The administrator's id. */
      by: { type: "string", required: true },
      at: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["team"], template: "slack#approval#${team}", casing: "none" },
        sk: { field: "sk", composite: ["userID"], template: "${userID}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type ThreadItem = EntityItem<typeof ThreadEntity>
