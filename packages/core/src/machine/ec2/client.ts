import {
  EC2Client,
  type Filter,
  type Instance as Described,
  type InstanceStateName,
  paginateDescribeInstances,
  type Tag as Given,
} from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import type { Machine } from "../provider.ts"
import type { Boot } from "../schema.ts"

/** EC2 throttles whoever asks much at once; each further attempt waits longer. */
export const client = new EC2Client({ maxAttempts: 6 })

/** On a machine, and readable there: its programs wait for these two. */
export const sessionTag = "remote-swe:session"
export const generationTag = "remote-swe:generation"
/** On a machine that was started for whoever comes: its id in the pool. */
export const poolTag = "remote-swe:pool"
/** What a machine started from: see `Boot`. */
export const bootTag = "remote-swe:boot"
/** On an image: what it was made from, and the oldest bundle's needs that it meets. */
export const recipeTag = "remote-swe:recipe"
export const floorTag = "remote-swe:floor"
/** On a machine of the pool: the program that it holds. */
export const bundleTag = "remote-swe:bundle"

export interface Tag {
  Key: string
  Value: string
}

export const tagOf = ({ Tags = [] }: { Tags?: Given[] | undefined }, name: string) =>
  Tags.find((item) => item.Key === name)?.Value

/** What is not marked has to be given time. */
export const bootOf = (instance: Described): Boot => (tagOf(instance, bootTag) === "image" ? "image" : "install")

export const filters = (tags: readonly Tag[]): Filter[] =>
  tags.map(({ Key, Value }) => ({ Name: `tag:${Key}`, Values: [Value] }))

export const machineTags = ({ sessionID, generation }: Machine): Tag[] => [
  { Key: sessionTag, Value: sessionID },
  { Key: generationTag, Value: String(generation) },
]

/** SST's own, so that a machine belongs to its stage as all else does. */
export const stageTags = (): Tag[] => [
  { Key: "sst:app", Value: Resource.App.name },
  { Key: "sst:stage", Value: Resource.App.stage },
]

const living = ["pending", "running", "stopping", "stopped"]

/** Machines that have not ended, and those in other states that are asked for. */
export async function select(given: readonly Filter[], also: readonly InstanceStateName[] = []) {
  const Filters = [...given, { Name: "instance-state-name", Values: [...living, ...also] }]
  const instances: Described[] = []
  for await (const page of paginateDescribeInstances({ client }, { Filters }))
    instances.push(...(page.Reservations ?? []).flatMap((item) => item.Instances ?? []))
  return instances
}
