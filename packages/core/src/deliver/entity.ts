import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"

/**
 * How far one deliverer has come in one session's log. It lies in the session's partition, so that
 * deleting the session ends it.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | a session's deliverers; one of them | primary | sessionID, name |
 * | deliverers that somebody has to look after, most overdue first (sparse) | byDue (gsi3) | due |
 */
export const DeliverEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "deliver", version: "1" },
    attributes: {
      sessionID: { type: "string", required: true },
      name: { type: "string", required: true },
      /** JSON, the deliverer's own: where it delivers to. */
      target: { type: "string", required: true },
      /** JSON, the deliverer's own: what it remembers of the events before `seq`. */
      state: { type: "string", required: true },
      /** Events up to here are delivered, and `part` acts of the next one. */
      seq: { type: "number", required: true },
      part: { type: "number", required: true },
      /** Who is at work; empty where nobody is. */
      runner: { type: "string", required: true },
      leaseUntil: { type: "number", required: true },
      /** Counts those who came while somebody was at work, so that they are not forgotten. */
      wanted: { type: "number", required: true },
      /** Failed tries at the act that is next, and when it may be tried again. */
      attempts: { type: "number", required: true },
      notBefore: { type: "number", required: true },
      /** Code of what was last given up; empty since something came through. */
      problem: { type: "string", required: true },
      /** Whether the sweeper has to look, and when. */
      behind: { type: ["yes", "no"] as const, required: true },
      due: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["sessionID"], template: "session#${sessionID}", casing: "none" },
        sk: { field: "sk", composite: ["name"], template: "deliver#${name}", casing: "none" },
      },
      byDue: {
        index: "gsi3",
        projection: ["sessionID", "name"] as const,
        condition: (item) => item.behind === "yes",
        pk: { field: "gsi3pk", composite: ["behind"], template: "deliver#behind#${behind}", casing: "none" },
        sk: {
          field: "gsi3sk",
          composite: ["due", "sessionID", "name"],
          template: "${due}#${sessionID}#${name}",
          casing: "none",
        },
      },
    },
  },
  Dynamo.config,
)

export type DeliverItem = EntityItem<typeof DeliverEntity>
