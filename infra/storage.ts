import { table as definition } from "../packages/core/src/dynamo/table.ts"
import { dashboardURL } from "./router.ts"
import { isProduction } from "./stage.ts"

/** On demand, with 35 days to go back to. */
export const table = new sst.aws.Dynamo("Table", {
  ...definition,
  stream: "new-and-old-images",
  deletionProtection: isProduction,
  transform: { table: { pointInTimeRecovery: { enabled: true } } },
})

/** Days for which what was deleted or overwritten can be brought back. */
const keptDays = 30

export const bucket = new sst.aws.Bucket("Bucket", {
  versioning: true,
  // Browsers send files here themselves, to addresses that the API signs.
  cors: {
    allowOrigins: [dashboardURL],
    allowMethods: ["GET", "HEAD", "PUT"],
    allowHeaders: ["content-type"],
    maxAge: "1 hour",
  },
  // The folder of core's uploads that belong to no session yet.
  lifecycle: [{ id: "uploads", prefix: "upload/", expiresIn: "7 days" }],
  transform: {
    lifecycle(args) {
      args.rules = $util.output(args.rules).apply((rules) => [
        ...(rules ?? []),
        {
          id: "rest",
          status: "Enabled",
          filter: { prefix: "" },
          noncurrentVersionExpiration: { noncurrentDays: keptDays },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
        // A delete leaves a mark; S3 takes one rule for marks alone.
        { id: "marks", status: "Enabled", filter: { prefix: "" }, expiration: { expiredObjectDeleteMarker: true } },
      ])
      return undefined
    },
  },
})

new aws.s3.BucketServerSideEncryptionConfigurationV2("BucketEncryption", {
  bucket: bucket.name,
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
})
