import { CustomAttributeType, Entity } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import { Status } from "./schema.ts"

/**
 * The stored fold of a session's log. A deleted session leaves a row without `info` for a while, so
 * that a late writer cannot bring it back.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | one session | primary | id |
 * | sessions of a month, latest activity first | byMonth (gsi1) | month, updated, id |
 * | children of a session, oldest first | byParent (gsi2) | parentID, id |
 * | sessions that are not at rest | byUnrest (gsi3) | unrest, id |
 */
export const SessionEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "session", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** JSON of `Session.Info`, packed. */
      info: { type: CustomAttributeType<Uint8Array>("any") },
      head: { type: "number", required: true },
      /** Empty, like `parentID`, where the index has no place for the session. */
      month: { type: "string", required: true },
      updated: { type: "number", required: true },
      status: { type: Status.options },
      /** Lower case, for search. */
      title: { type: "string" },
      parentID: { type: "string", required: true },
      /** Whether somebody has to look after the session. */
      unrest: { type: ["yes", "no"] as const, required: true },
      /** Epoch seconds; only for what is left of a deleted session. */
      expireAt: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["id"], template: "session#${id}", casing: "none" },
        sk: { field: "sk", composite: [], template: "session", casing: "none" },
      },
      byMonth: {
        index: "gsi1",
        condition: (item) => item.month !== "",
        pk: { field: "gsi1pk", composite: ["month"], template: "sessions#${month}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["updated", "id"], template: "${updated}#${id}", casing: "none" },
      },
      byParent: {
        index: "gsi2",
        condition: (item) => item.parentID !== "",
        pk: { field: "gsi2pk", composite: ["parentID"], template: "children#${parentID}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["id"], template: "${id}", casing: "none" },
      },
      byUnrest: {
        index: "gsi3",
        projection: ["id"] as const,
        condition: (item) => item.unrest === "yes",
        pk: { field: "gsi3pk", composite: ["unrest"], template: "unrest#${unrest}", casing: "none" },
        sk: { field: "gsi3sk", composite: ["id"], template: "${id}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | months that have sessions, newest first | primary | (one partition, twelve rows a year) |
 */
export const MonthEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "month", version: "1" },
    attributes: { month: { type: "string", required: true } },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: "months", casing: "none" },
        sk: { field: "sk", composite: ["month"], template: "${month}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)
