export * as Ec2 from "./index.ts"
import { DescribeInstancesCommand, type Instance as Described, TerminateInstancesCommand } from "@aws-sdk/client-ec2"
import type { Claim, Instance, Machine, Provider, Start } from "../provider.ts"
import { bootOf, client, filters, generationTag, select, sessionTag, stageTags, type Tag, tagOf } from "./client.ts"
import { request } from "./request.ts"
import { run } from "./run.ts"

/** Machines on EC2, as this stage's launch template has them. */
export const create = (): Provider => ({ start, describe, terminate, list })

async function start(asked: Start) {
  const { sessionID, generation, since } = asked
  const wish = await request(since, { REMOTE_SWE_SESSION_ID: sessionID, REMOTE_SWE_GENERATION: String(generation) })
  return run({ ...wish, name: `${sessionID}-${generation}`, tags: machineTags(asked), turn: generation })
}

async function describe(claim: Claim): Promise<Instance> {
  const found = await client.send(
    new DescribeInstancesCommand({ Filters: filters([...stageTags(), ...machineTags(claim)]) }),
  )
  const instances = (found.Reservations ?? []).flatMap((item) => item.Instances ?? [])
  const alive = instances.find(isAlive)
  if (alive?.InstanceId) return { type: "alive", instanceID: alive.InstanceId, boot: bootOf(alive) }
  const [ended] = instances
  if (!ended) return { type: "absent" }
  // `Server.…`: EC2's doing, such as a Spot machine that was taken back.
  return { type: "ended", reason: ended.StateReason?.Code?.startsWith("Server.") ? "host" : "exited" }
}

async function terminate(machine: Machine) {
  const found = await select(filters([...stageTags(), ...machineTags(machine)]))
  const InstanceIds = found.flatMap((item) => item.InstanceId ?? [])
  if (InstanceIds.length > 0) await client.send(new TerminateInstancesCommand({ InstanceIds }))
}

async function list() {
  const found = await select(filters(stageTags()))
  return found.flatMap((instance) => {
    const sessionID = tagOf(instance, sessionTag)
    return sessionID ? [{ sessionID, generation: Number(tagOf(instance, generationTag)) }] : []
  })
}

const isAlive = ({ State }: Described) => State?.Name === "pending" || State?.Name === "running"

const machineTags = ({ sessionID, generation }: Machine): Tag[] => [
  { Key: sessionTag, Value: sessionID },
  { Key: generationTag, Value: String(generation) },
]
