import { Entity, type EntityItem } from "electrodb"
import { Dynamo } from "../dynamo/index.ts"

/**
 * A file that belongs to a session lies in the session's partition and below its folder of the bucket,
 * so that deleting the session deletes it. An upload that no message refers to yet has its own, and ends
 * after a while.
 *
 * | access pattern | index | key |
 * | --- | --- | --- |
 * | a file of a session | primary | session, fileID |
 * | a session's files | primary | session |
 * | an upload that belongs to no session yet | primary | fileID |
 * | a file, whoever has it | byFile (gsi1) | fileID |
 */
export const FileEntity = new Entity(
  {
    model: { service: Dynamo.service, entity: "file", version: "1" },
    attributes: {
      /** The partition: a session's, or the upload's own. */
      owner: { type: "string", required: true, readOnly: true },
      fileID: { type: "string", required: true, readOnly: true },
      name: { type: "string", required: true },
      type: { type: "string", required: true },
      size: { type: "number", required: true },
      /** Where the bytes are in the bucket. */
      path: { type: "string", required: true },
      created: { type: "number", required: true },
      /** Seconds. */
      expireAt: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["owner"], template: "${owner}", casing: "none" },
        sk: { field: "sk", composite: ["fileID"], template: "file#${fileID}", casing: "none" },
      },
      byFile: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["fileID"], template: "file#${fileID}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["owner"], template: "${owner}", casing: "none" },
      },
    },
  },
  Dynamo.config,
)

export type FileItem = EntityItem<typeof FileEntity>
