import { createHash, randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2"
import { PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { CreateScheduleGroupCommand, SchedulerClient } from "@aws-sdk/client-scheduler"
import { links, start } from "../../../core/test/cloud.ts"
import dynalite from "dynalite"
import * as Builder from "./builder.ts"
import * as Edge from "./edge.ts"

/**
 * A stage of one test file's own, with what a deployment would have made of it. Must run before anything
 * imports `sst`.
 */

await start()
process.env["AWS_ENDPOINT_URL_DYNAMODB"] = await table()
// As long as the ones that a function's role has: addresses that it signs carry it.
process.env["AWS_SESSION_TOKEN"] = "IQoJb3JpZ2luX2VjE/+=".repeat(80)
const edge = await Edge.start(process.env["TEST_AWS_ENDPOINT"] ?? "")
for (const name of ["EC2", "STS", "IAM", "IOT_DATA_PLANE", "SCHEDULER"])
  process.env[`AWS_ENDPOINT_URL_${name}`] = edge.url
await links()

const stage = `test${randomUUID().slice(0, 8)}`
const api = createServer()
await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve))
const apiURL = `http://127.0.0.1:${(api.address() as AddressInfo).port}/api/v1`
const role = `WorkerRole-${stage}`
const ec2 = new EC2Client()

link("App", { name: "remote-swe", stage })
link("Settings", {
  ...JSON.parse(process.env["SST_RESOURCE_Settings"] ?? "{}"),
  apiURL,
  githubServerURL: "https://github.example.com",
  githubAPIURL: "https://github.example.com/api/v3",
  egress: ["example.com", "*.example.org:8443"],
})
const programs = { bundle: Buffer.from("the worker's program"), recipe: Buffer.from("how to make its machine") }
const builder = await Builder.start(`remote-swe-worker-0123abcd-${stage}`)
process.env["AWS_ENDPOINT_URL_IMAGEBUILDER"] = builder.url
const [{ ImageId: base } = {}] = (await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }))).Images ?? []
link("Worker", await worker())
link("WorkerImage", { base, architecture: "x86_64", name: builder.name, pipelineARN: builder.pipelineARN })
link("WorkerProgram", await program())
link("WorkerIdentity", { assumedRole: `arn:aws:sts::123456789012:assumed-role/${role}` })
link("Scheduler", await scheduler())
link("AnthropicApiKey", { value: "a key that only tests use" })

/** What the tests of a file share with its links. */
export const stand = { edge, builder, api, apiURL, stage, role, base, programs }

function link(name: string, properties: object) {
  process.env[`SST_RESOURCE_${name}`] = JSON.stringify(properties)
}

/** moto sorts its whole table for each query. Core's own tests run on that one; here it would cost minutes. */
async function table() {
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function scheduler() {
  const groupName = `remote-swe-${stage}`
  await new SchedulerClient().send(new CreateScheduleGroupCommand({ Name: groupName }))
  const arn = (service: string, name: string) => `arn:aws:${service}:us-east-1:123456789012:${name}`
  return {
    groupName,
    roleARN: `arn:aws:iam::123456789012:role/remote-swe/SchedulerRole-${stage}`,
    targetARN: arn("lambda", `function:${groupName}-trigger`),
    deadLetterARN: arn("sqs", `${groupName}-TriggerDead`),
  }
}

/** As a deployment puts them into the bucket. */
async function program() {
  const s3 = new S3Client({ forcePathStyle: true })
  const { name: Bucket } = JSON.parse(process.env["SST_RESOURCE_Bucket"] ?? "{}")
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }))
  const put = async (kind: keyof typeof programs) => {
    const sha256 = createHash("sha256").update(programs[kind]).digest("hex")
    const Key = `program/${sha256}.tar`
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: programs[kind] }))
    return { [`${kind}Key`]: Key, [`${kind}Version`]: VersionId, [`${kind}Sha256`]: sha256 }
  }
  return { ...(await put("bundle")), ...(await put("recipe")), floor: 3 }
}

async function worker() {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }))
  const subnet = async (zone: string, CidrBlock: string) => {
    const made = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: `us-east-1${zone}` }),
    )
    return made.Subnet?.SubnetId
  }
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `worker-${stage}`,
      LaunchTemplateData: { ImageId: base, InstanceType: "t3.large" },
    }),
  )
  return {
    templateID: LaunchTemplate?.LaunchTemplateId,
    templateVersion: "1",
    subnetIDs: [await subnet("a", "10.0.0.0/20"), await subnet("b", "10.0.16.0/20")],
    instanceTypes: ["t3.large", "t3a.large", "m7i-flex.large"],
    logGroup: `/remote-swe/${stage}/worker`,
    spot: false,
    spotFallback: true,
    sudo: false,
    poolSize: 0,
    poolState: "stopped",
  }
}
