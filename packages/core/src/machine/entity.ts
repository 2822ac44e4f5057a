import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"
import { Boot, End } from "./schema.ts"

/**
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | a session's machine | primary | sessionID |
 * | all machines that have not ended, oldest first | byActive (gsi3, sparse) | active, claimedAt |
 */
export const MachineEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "machine", version: "1" },
    attributes: {
      sessionID: { type: "string", required: true },
      generation: { type: "number", required: true },
      /** SHA-256 of the session token, in hex. */
      tokenHash: { type: "string", required: true },
      claimedAt: { type: "number", required: true },
      beatAt: { type: "number" },
      failures: { type: "number", required: true },
      turnID: { type: "string" },
      /** By which the machine proves what it is; absent until it is known, and where it has none. */
      instanceID: { type: "string" },
      boot: { type: Boot.options },
      /** The date of the last proof that was exchanged for a token. */
      provenAt: { type: "string" },
      /** Absent once the generation has ended, which takes it off the index. */
      active: { type: ["yes"] as const },
      endedAt: { type: "number" },
      reason: { type: End.options },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["sessionID"], template: "session#${sessionID}", casing: "none" },
        sk: { field: "sk", composite: [], template: "machine", casing: "none" },
      },
      byActive: {
        index: "gsi3",
        projection: ["sessionID"] as const,
        pk: { field: "gsi3pk", composite: ["active"], template: "machine#active#${active}", casing: "none" },
        sk: { field: "gsi3sk", composite: ["claimedAt"], casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type MachineItem = EntityItem<typeof MachineEntity>
