/** The one table, as plain data: read by infra, by the client and by the local cloud. */
export const table = {
  fields: {
    pk: "string",
    sk: "string",
    gsi1pk: "string",
    gsi1sk: "string",
    gsi2pk: "string",
    gsi2sk: "string",
    gsi3pk: "string",
    gsi3sk: "string",
  },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  globalIndexes: {
    gsi1: { hashKey: "gsi1pk", rangeKey: "gsi1sk" },
    gsi2: { hashKey: "gsi2pk", rangeKey: "gsi2sk" },
    // What the sweeper looks for. It has names and no more, so that writing the rest of an item costs nothing there.
    gsi3: {
      hashKey: "gsi3pk",
      rangeKey: "gsi3sk",
      projection: ["id", "sessionID", "name", "__edb_e__", "__edb_v__"] as string[],
    },
  },
  ttl: "expireAt",
} as const
