import { table as definition } from "../../../packages/core/src/dynamo/table.ts"
import { deployed } from "../scenes.ts"
import { type Check, list, of, one, statementsOf } from "./see.ts"

const blocked = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }

export const data: Check[] = [
  {
    name: "the table is core's, on demand, with a stream, an end for items, and a way back",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        const { inputs } = one(result, "TableTable")
        see.has(
          inputs,
          {
            ...definition.primaryIndex,
            billingMode: "PAY_PER_REQUEST",
            streamEnabled: true,
            streamViewType: "NEW_AND_OLD_IMAGES",
            ttl: { attributeName: definition.ttl, enabled: true },
            pointInTimeRecovery: { enabled: true },
          },
          scene,
        )
        const indexes = list(inputs["globalSecondaryIndexes"]) as { name: string; projectionType: string }[]
        see.same(
          indexes.map((item) => item.name).sort(),
          Object.keys(definition.globalIndexes).sort(),
          `${scene}: indexes`,
        )
        for (const index of indexes) {
          const { hashKey, rangeKey, ...rest } =
            definition.globalIndexes[index.name as keyof typeof definition.globalIndexes]
          const projected =
            "projection" in rest
              ? { projectionType: "INCLUDE", nonKeyAttributes: rest.projection }
              : { projectionType: "ALL" }
          see.has(index, { hashKey, rangeKey, ...projected }, index.name)
        }
      }
    },
  },
  {
    name: "production keeps its data, other stages leave nothing behind",
    run({ production, small }, see) {
      see.same([production.protect, production.removal], [true, "retain"], "production")
      see.same([small.protect, small.removal], [false, "remove"], "small")
      for (const name of ["TableTable", "BucketBucket"]) {
        see.same(one(production, name).retainOnDelete, true, `production: ${name}`)
        see.same(one(small, name).retainOnDelete, false, `small: ${name}`)
      }
      see.same(one(production, "TableTable").inputs["deletionProtectionEnabled"], true, "production: the table")
      see.same(one(small, "TableTable").inputs["deletionProtectionEnabled"], false, "small: the table")
      see.same(one(production, "UsersUserPool").inputs["deletionProtection"], "ACTIVE", "production: people")
      see.same(one(small, "UsersUserPool").inputs["deletionProtection"], "INACTIVE", "small: people")
    },
  },
  {
    name: "no bucket is public, and none speaks without TLS",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        const buckets = of(result, "aws:s3/bucketV2:BucketV2")
        see.same(buckets.length, scene === "dev" ? 1 : 2, `${scene}: buckets`)
        for (const bucket of buckets) {
          const beside = (type: string) => of(result, type).find((item) => item.parent === bucket.parent)?.inputs
          see.has(beside("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"), blocked, `${scene}: ${bucket.name}`)
          const statements = statementsOf(beside("aws:s3/bucketPolicy:BucketPolicy")?.["policy"])
          see.holds(
            statements.some(
              ({ Effect, Action, Condition }) =>
                Effect === "Deny" &&
                Action.includes("s3:*") &&
                list(Condition["Bool"]?.["aws:SecureTransport"]).includes("false"),
            ),
            `${scene}: ${bucket.name} takes plain HTTP`,
          )
          for (const { Effect, Principal } of statements)
            see.holds(Effect === "Deny" || !isEverybody(Principal), `${scene}: ${bucket.name} lets everybody in`)
        }
      }
    },
  },
  {
    name: "the bucket keeps versions, forgets uploads, is encrypted, and takes files from the dashboard only",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        see.has(
          one(result, "BucketVersioning").inputs,
          { versioningConfiguration: { status: "Enabled" } },
          `${scene}: versions`,
        )
        const rules = list(one(result, "BucketLifecycle").inputs["rules"]) as { id: string; status: string }[]
        const rule = (id: string) => rules.find((item) => item.id === id)
        see.has(
          rule("uploads"),
          { status: "Enabled", filter: { prefix: "upload/" }, expiration: { days: 7 } },
          `${scene}: uploads`,
        )
        see.has(
          rule("rest"),
          { status: "Enabled", noncurrentVersionExpiration: { noncurrentDays: 30 } },
          `${scene}: old versions`,
        )
        see.has(
          one(result, "BucketEncryption").inputs,
          { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
          `${scene}: encryption`,
        )
        const [cors] = list(one(result, "BucketCors").inputs["corsRules"]) as { allowedOrigins: string[] }[]
        see.same(
          cors?.allowedOrigins,
          [scene === "dev" ? "http://localhost:3000" : String(result.links["Settings"]?.["webURL"])],
          `${scene}: origins`,
        )
      }
    },
  },
  {
    name: "queues are encrypted, and what fails again and again is kept for two weeks",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        for (const queue of of(result, "aws:sqs/queue:Queue"))
          see.same(queue.inputs["sqsManagedSseEnabled"], true, `${scene}: ${queue.name}`)
        const dead = one(result, "LauncherDeadQueue")
        see.same(dead.inputs["messageRetentionSeconds"], 1_209_600, `${scene}: dead letters`)
        const redrive = String(one(result, "LauncherQueueQueue").inputs["redrivePolicy"])
        see.has(JSON.parse(redrive), { maxReceiveCount: 5 }, `${scene}: attempts`)
        see.holds(redrive.includes("LauncherDeadQueue"), `${scene}: where dead letters go`)
      }
    },
  },
  {
    name: "nothing secret stands in a function's environment",
    run(scenes, see) {
      const allowed = /^(SST_|ORIGIN_KEY_HASH$)/
      for (const scene of deployed)
        for (const item of of(scenes[scene], "aws:lambda/function:Function")) {
          const { variables } = item.inputs["environment"] as { variables: Record<string, string> }
          for (const [name, value] of Object.entries(variables)) {
            see.holds(allowed.test(name), `${scene}: ${item.name} has ${name}`)
            see.holds(!/a (token|key|secret|client secret)/.test(value), `${scene}: ${item.name}: ${name} is a secret`)
          }
        }
    },
  },
]

const isEverybody = (principal: unknown) =>
  principal === "*" || list((principal as { AWS?: unknown } | undefined)?.AWS).includes("*")
