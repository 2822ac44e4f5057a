import { arn } from "./arn.ts"
import { queue } from "./queue.ts"
import { bucket, table } from "./storage.ts"

/** What functions may do, in the words of what they do. */
export const permission = {
  /** Sessions, their logs and all else in the table. */
  readAndWrite: [
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"],
      resources: [table.arn, $interpolate`${table.arn}/index/*`],
    },
    {
      actions: ["s3:GetObject", "s3:PutObject"],
      resources: [$interpolate`${bucket.arn}/session/*`, $interpolate`${bucket.arn}/upload/*`],
    },
    // Without it S3 says "forbidden" of an object that does not exist.
    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
  ],
  /** Deletes a session with everything that belongs to it. */
  removeSession: [
    { actions: ["dynamodb:BatchWriteItem"], resources: [table.arn] },
    {
      actions: ["s3:DeleteObject"],
      resources: [$interpolate`${bucket.arn}/session/*`],
    },
  ],
  /** Says what is new to whoever watches. */
  announce: [{ actions: ["iot:Publish"], resources: [arn("iot", `topic/${$app.name}/${$app.stage}/*`)] }],
  /** Asks the launcher to look at a session. */
  wake: [{ actions: ["sqs:SendMessage"], resources: [queue.arn] }],
}
