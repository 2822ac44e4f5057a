import { randomUUID } from "node:crypto"
import {
  CreateImageCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2"
import { Actor } from "@remote-swe/core/actor"
import { Identifier } from "@remote-swe/core/identifier"
import { Machine } from "@remote-swe/core/machine"
import { Keep } from "@remote-swe/core/machine/ec2/keep"
import { Session } from "@remote-swe/core/session"
import { Resource } from "sst"
import { vi } from "vitest"

export const ec2 = new EC2Client()
export const owner: Actor.Info = { type: "user", userID: "owner", name: "Ada" }
export const as = <Result>(actor: Actor.Info, cb: () => Result) => Actor.provide(actor, cb)

/** The real launcher's world, with a clock that tests turn. */
export function world() {
  let passed = 0
  return {
    provider: Keep.create(),
    policy: Machine.policy(30 * 60_000),
    now: () => Date.now() + passed,
    pass: (ms: number) => void (passed += ms),
  }
}

/** Hears what is written to the log from now on, until mocks are restored. */
export function said() {
  const heard: string[] = []
  vi.spyOn(process.stderr, "write").mockImplementation((text) => heard.push(String(text)) > 0)
  const lines = () =>
    heard.flatMap((text): Record<string, unknown>[] => (text.startsWith("{") ? [JSON.parse(text)] : []))
  return {
    lines: (code: string) => lines().filter((line) => line["code"] === code),
    codes: () => lines().map((line) => line["code"]),
  }
}

/** Another configuration of the deployment. */
export const configure = (change: Partial<typeof Resource.Worker>) => void Object.assign(Resource.Worker, change)

export const create = () => as(owner, () => Session.create({ message: "Fix it", title: "Fix it" }))
export const info = (id: string) => as(owner, () => Session.fromID(id))

/** What a worker of the generation writes next. */
export async function works(
  sessionID: string,
  generation: number,
  body: "joined" | "left",
  reason: "idle" | "stopped" = "idle",
) {
  const { head } = await info(sessionID)
  const id = Identifier.create("event")
  const event =
    body === "joined"
      ? ({ id, kind: "joined", generation, host: "test", version: "1", sandbox: "none" } as const)
      : ({ id, kind: "left", generation, reason } as const)
  await as({ type: "worker", sessionID, generation }, () =>
    Session.work({ sessionID, generation, after: head, events: [event] }),
  )
}

/** All machines of a session, ended ones as well, by generation. */
export async function machines(sessionID: string) {
  const Filters = [{ Name: "tag:remote-swe:session", Values: [sessionID] }]
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }))
  const found = Reservations.flatMap((item) => item.Instances ?? []).map((item) => ({
    id: item.InstanceId ?? "",
    type: item.InstanceType,
    subnet: item.SubnetId,
    imageID: item.ImageId,
    state: item.State?.Name,
    generation: Number(item.Tags?.find((tag) => tag.Key === "remote-swe:generation")?.Value),
    tags: item.Tags ?? [],
  }))
  return found.toSorted((one, other) => one.generation - other.generation)
}

interface Made {
  recipe: string
  floor: number
  stage?: string
}

/** An image as Image Builder makes one, from a machine of its own. */
export async function image({ recipe, floor, stage = Resource.App.stage }: Made) {
  const InstanceId = await strange({ CreatedBy: "EC2 Image Builder" })
  const tags = { "sst:app": "remote-swe", "sst:stage": stage, "remote-swe:recipe": recipe, "remote-swe:floor": floor }
  const Tags = Object.entries(tags).map(([Key, value]) => ({ Key, Value: String(value) }))
  const { ImageId = "" } = await ec2.send(new CreateImageCommand({ InstanceId, Name: `worker ${randomUUID()}` }))
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }))
  await ec2.send(new CreateTagsCommand({ Resources: [ImageId, ...(await copies(ImageId))], Tags }))
  return ImageId
}

/** The snapshots of an image. */
export async function copies(imageID: string) {
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageID] }))
  return Images.flatMap((item) => item.BlockDeviceMappings ?? []).flatMap((item) => item.Ebs?.SnapshotId ?? [])
}

/** A machine that nobody's launcher has started. */
export async function strange(tags: Record<string, string>, ImageId?: string) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateId: Resource.Worker.templateID },
      ImageId,
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: "instance", Tags }],
    }),
  )
  return Instances[0]?.InstanceId ?? ""
}
