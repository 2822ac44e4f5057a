import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2"
import { CreateScheduleGroupCommand, SchedulerClient } from "@aws-sdk/client-scheduler"
import { links, start } from "../../../core/test/cloud.ts"
import * as Edge from "./edge.ts"

/**
 * A stage of one test file's own, with what a deployment would have made of it. Must run before anything
 * imports `sst`.
 */

await start()
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
link("Settings", { ...JSON.parse(process.env["SST_RESOURCE_Settings"] ?? "{}"), apiURL })
link("Worker", await worker())
link("WorkerIdentity", { assumedRole: `arn:aws:sts::123456789012:assumed-role/${role}` })
link("Scheduler", await scheduler())
link("AnthropicApiKey", { value: "a key that only tests use" })

/** What the tests of a file share with its links. */
export const stand = { edge, api, apiURL, stage, role }

function link(name: string, properties: object) {
  process.env[`SST_RESOURCE_${name}`] = JSON.stringify(properties)
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

async function worker() {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }))
  const subnet = async (zone: string, CidrBlock: string) => {
    const made = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: `us-east-1${zone}` }),
    )
    return made.Subnet?.SubnetId
  }
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }))
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `worker-${stage}`,
      LaunchTemplateData: { ImageId: Images[0]?.ImageId, InstanceType: "t3.large" },
    }),
  )
  return {
    templateID: LaunchTemplate?.LaunchTemplateId,
    templateVersion: "1",
    subnetIDs: [await subnet("a", "10.0.0.0/24"), await subnet("b", "10.0.1.0/24")],
    instanceTypes: ["t3.large", "t3a.large", "m7i-flex.large"],
    logGroup: `/remote-swe/${stage}/worker`,
  }
}
