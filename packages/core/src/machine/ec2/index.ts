export * as Ec2 from "./index.ts"
import { DescribeInstancesCommand, type Instance as Described, TerminateInstancesCommand } from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import { Logger } from "../../logger.ts"
import type { Claim, Instance, Listed, Machine, Provider, Start } from "../provider.ts"
import {
  bootOf,
  client,
  filters,
  generationTag,
  machineTags,
  poolTag,
  select,
  sessionTag,
  stageTags,
  tagOf,
} from "./client.ts"
import { pick } from "./image.ts"
import * as Waiting from "./pool.ts"
import { request } from "./request.ts"
import { run } from "./run.ts"

/** Machines on EC2, as this stage's launch template has them. */
export const create = (): Provider => ({ start, describe, wake: Waiting.wake, terminate, list })

async function start(asked: Start) {
  const waiting = await Waiting.take(asked)
  if (waiting) return waiting
  const { sessionID, generation, since } = asked
  const own = { REMOTE_SWE_SESSION_ID: sessionID, REMOTE_SWE_GENERATION: String(generation) }
  const wish = await request(since, own, await pick())
  const market = Resource.Worker.spot ? "spot" : "on-demand"
  const name = `${sessionID}-${generation}`
  const started = await run({ ...wish, market, name, tags: machineTags(asked), turn: generation })
  Logger.info("a machine was started", { code: "machine.started", sessionID, generation, ...started })
  return started
}

async function describe(claim: Claim): Promise<Instance> {
  const found = await client.send(
    new DescribeInstancesCommand({ Filters: filters([...stageTags(), ...machineTags(claim)]) }),
  )
  const instances = (found.Reservations ?? []).flatMap((item) => item.Instances ?? [])
  const living = alive(instances)
  if (living) return living
  const [ended] = instances
  if (!ended || instances.some(isAsleep)) return Waiting.asleep(claim)
  // `Server.…`: EC2's doing, such as a Spot machine that was taken back.
  return { type: "ended", reason: ended.StateReason?.Code?.startsWith("Server.") ? "host" : "exited" }
}

function alive(instances: readonly Described[]): Instance | undefined {
  const found = instances.find(({ State }) => State?.Name === "pending" || State?.Name === "running")
  return found?.InstanceId ? { type: "alive", instanceID: found.InstanceId, boot: bootOf(found) } : undefined
}

/** Of the pool, and not running yet or any more. */
const isAsleep = (instance: Described) =>
  tagOf(instance, poolTag) !== undefined && ["stopping", "stopped"].includes(instance.State?.Name ?? "")

/** Were there another one of the same generation, the sweeper would find it. */
async function terminate({ instanceID, ...machine }: Machine & { instanceID?: string | undefined }) {
  const found = instanceID ? [] : await select(filters([...stageTags(), ...machineTags(machine)]))
  const InstanceIds = instanceID ? [instanceID] : found.flatMap((item) => item.InstanceId ?? [])
  if (InstanceIds.length === 0) return
  await client.send(new TerminateInstancesCommand({ InstanceIds })).catch((error: unknown) => {
    // It ended so long ago that EC2 has forgotten it.
    if (!(error instanceof Error) || error.name !== "InvalidInstanceID.NotFound") throw error
  })
}

async function list(): Promise<Listed[]> {
  const found = await select(filters(stageTags()))
  return found.flatMap((item) => {
    const sessionID = tagOf(item, sessionTag)
    if (!sessionID) return []
    const instance = alive([item])
    return [{ sessionID, generation: Number(tagOf(item, generationTag)), ...(instance && { instance }) }]
  })
}
