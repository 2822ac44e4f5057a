import { CustomAttributeType, Entity, type EntityItem } from "electrodb"
import type { Info as Actor } from "../actor/schema.ts"
import { Dynamo } from "../dynamo/index.ts"
import type { Info as Schedule } from "../schedule/schema.ts"
import type { Action, Run, State } from "./schema.ts"

/**
 * A removed trigger stays, without being listed, until its timer is gone as well.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | one trigger | primary | id |
 * | all triggers, newest first | byAll (gsi1) | id |
 * | triggers whose timers are behind (sparse) | byBehind (gsi2) | behind, id |
 * | triggers that will fire, the next ones first (sparse) | byNext (gsi3) | active, next, id |
 */
export const TriggerEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "trigger", version: "1" },
    attributes: {
      id: { type: "string", required: true, readOnly: true },
      name: { type: "string", required: true },
      schedule: { type: CustomAttributeType<Schedule>("any"), required: true },
      action: { type: CustomAttributeType<Action>("any"), required: true },
      state: { type: CustomAttributeType<State>("any"), required: true },
      failures: { type: "number", required: true },
      last: { type: CustomAttributeType<Run>("any") },
      creator: { type: CustomAttributeType<Actor>("any"), required: true },
      created: { type: "number", required: true },
      updated: { type: "number", required: true },
      /** From when a rate counts. */
      anchor: { type: "number", required: true },
      /** Counts the changes of when it fires: a ring of an earlier revision is none. */
      revision: { type: "number", required: true },
      /** Whether `state` is active, and its `next`; 0 where there is none. */
      active: { type: ["yes", "no"] as const, required: true },
      next: { type: "number", required: true },
      /** Whether its timer has yet to be told of the revision. */
      behind: { type: ["yes", "no"] as const, required: true },
      removed: { type: "boolean" },
      /** The time that is being fired or was fired last, until when whoever does it is believed to be at it, and how often it was tried. */
      claimed: { type: "number" },
      claimUntil: { type: "number" },
      attempts: { type: "number" },
      /** The last time that was fired to its end. */
      settled: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["id"], template: "trigger#${id}", casing: "none" },
        sk: { field: "sk", composite: [], template: "trigger", casing: "none" },
      },
      byAll: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: [], template: "trigger", casing: "none" },
        sk: { field: "gsi1sk", composite: ["id"], template: "${id}", casing: "none" },
      },
      byBehind: {
        index: "gsi2",
        condition: (item) => item.behind === "yes",
        pk: { field: "gsi2pk", composite: ["behind"], template: "trigger#behind#${behind}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["id"], template: "${id}", casing: "none" },
      },
      byNext: {
        index: "gsi3",
        projection: ["id"] as const,
        condition: (item) => item.active === "yes",
        pk: { field: "gsi3pk", composite: ["active"], template: "trigger#active#${active}", casing: "none" },
        // Times in milliseconds have thirteen digits until 2286.
        sk: { field: "gsi3sk", composite: ["next", "id"], template: "${next}#${id}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type TriggerItem = EntityItem<typeof TriggerEntity>
