import { createHash } from "node:crypto"
import {
  CreateTagsCommand,
  type Instance as Described,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import { Identifier } from "../../identifier.ts"
import { Logger } from "../../logger.ts"
import type { Choice } from "../image.ts"
import { bootMs } from "../policy.ts"
import { type Member, type Plan, Pool, type Seen } from "../pool/index.ts"
import type { Claim, Instance, Machine, Started } from "../provider.ts"
import { bundleTag, client, filters, machineTags, poolTag, select, sessionTag, stageTags, tagOf } from "./client.ts"
import { pick } from "./image.ts"
import { request } from "./request.ts"
import { isScarce, run } from "./run.ts"

/** Machines that were started for whoever comes, and wait running or stopped. Off where their number is 0. */

const isOn = () => Resource.Worker.poolSize > 0

/** Takes a machine that waits; nothing where there is none. Whoever asks again gets the one that it took. */
export async function take(claim: Claim): Promise<Started | undefined> {
  if (!isOn()) return
  const [members, machines] = await Promise.all([Pool.list(), seen()])
  const own = members.find((member) => isOf(member, claim))
  if (own) return finish(own, machines, claim)
  const { sessionID, generation, since: now } = claim
  const bundle = Resource.WorkerProgram.bundleSha256
  for (const { member } of Pool.candidates({ members, seen: machines, bundle, bootMs, now })) {
    if (!(await Pool.claim({ id: member.id, sessionID, generation, now }))) continue
    const started = await finish(member, machines, claim)
    if (started) return started
  }
}

/** The machine that was taken for a generation and does not know it yet. */
export async function asleep(claim: Machine): Promise<Instance> {
  const own = isOn() ? (await Pool.list()).find((member) => isOf(member, claim)) : undefined
  const machine = own && (await seen()).find((item) => item.id === own.id)
  return own && machine ? { type: "asleep", instanceID: machine.instanceID, boot: own.boot } : { type: "absent" }
}

/** Does once more what `take` did, which may have been broken off. */
export async function wake(claim: Claim) {
  const own = (await Pool.list()).find((member) => isOf(member, claim))
  if (own) await finish(own, await seen(), claim)
}

/** Keeps as many as are wanted, and none that is of no use. */
export async function tend(isActive: (machine: Machine) => Promise<boolean>, now: number) {
  const members = await Pool.list()
  if (!isOn() && members.length === 0) return
  const [machines, choice] = [await seen(), await pick()]
  // Asked last: who takes a machine has the generation first.
  const active = new Set<string>()
  for (const { id, state } of members) if (state.type === "claimed" && (await isActive(state))) active.add(id)
  const { poolSize: size, poolState: state } = Resource.Worker
  const wanted = { size, state, imageID: choice.imageID, bundle: Resource.WorkerProgram.bundleSha256 }
  await execute(Pool.plan({ members, seen: machines, wanted, active, bootMs, now }), machines, choice, now)
}

async function execute(plan: Plan, machines: readonly Seen[], choice: Choice, now: number) {
  for (const { id } of plan.fail)
    if (await Pool.fail(id, now)) Logger.error("a machine of the pool ended by itself", { code: "pool.failed", id })
  for (const member of plan.forget) await Pool.remove(member)
  for (const member of plan.retire)
    if (await Pool.remove(member)) await end(machines.filter(({ id }) => id === member.id))
  await end(plan.strangers)
  for (const { id, instanceID } of plan.stop) {
    await client.send(new StopInstancesCommand({ InstanceIds: [instanceID] }))
    Logger.info("a machine of the pool is prepared, and stopped", { code: "pool.stopped", id, instanceID })
  }
  for (let index = 0; index < plan.start; index++) if (!(await start(index, choice, now))) return
}

async function end(machines: readonly Seen[]) {
  for (const { id, instanceID } of machines) {
    await client.send(new TerminateInstancesCommand({ InstanceIds: [instanceID] }))
    Logger.info("a machine of the pool is of no more use", { code: "pool.retired", id, instanceID })
  }
}

/** Written down first: what is started and not known would be nobody's. False where EC2 has none. */
async function start(index: number, choice: Choice, now: number) {
  const id = Identifier.ulid()
  const bundle = Resource.WorkerProgram.bundleSha256
  const member = { id, ...choice, bundle, created: now }
  await Pool.add(member)
  const wish = await request(now, { REMOTE_SWE_POOL: id }, choice)
  const { name, stage } = Resource.App
  const token = createHash("sha256").update(`${name} ${stage} ${id}`).digest("hex").slice(0, 40)
  const tags = [
    { Key: poolTag, Value: id },
    { Key: bundleTag, Value: bundle },
  ]
  try {
    // One that waits must not be taken back, and one of Spot's cannot be stopped.
    const started = await run({ ...wish, market: "on-demand", name: token, tags, turn: index })
    Logger.info("a machine of the pool was started", { code: "pool.started", id, instanceID: started?.instanceID })
    return true
  } catch (error) {
    await Pool.remove({ ...member, state: { type: "free" } })
    Logger.warn("a machine of the pool could not be started", { code: "pool.unavailable", id, error })
    return false
  }
}

const isOf = ({ state }: Member, { sessionID, generation }: Machine) =>
  state.type === "claimed" && state.sessionID === sessionID && state.generation === generation

/** Marks it with the session, by which it and all others know whose it is, and has it go on. */
async function finish(
  member: Member,
  machines: readonly Seen[],
  { sessionID, generation, since }: Claim,
): Promise<Started | undefined> {
  const machine = machines.find((item) => item.id === member.id)
  if (!machine) return
  const { id, instanceID, state } = machine
  await client.send(new CreateTagsCommand({ Resources: [instanceID], Tags: machineTags({ sessionID, generation }) }))
  if (state === "stopped" && !(await go(instanceID))) {
    await end([machine])
    await Pool.remove({ ...member, state: { type: "claimed", sessionID, generation, at: since } })
    return
  }
  Logger.info("a machine of the pool was taken", { code: "pool.claimed", sessionID, generation, id, instanceID })
  const isPrepared = state === "stopped" || since - member.created >= bootMs[member.boot]
  return { instanceID, boot: isPrepared ? "image" : member.boot }
}

/** False where EC2 has no room for it any more. */
async function go(instanceID: string) {
  return client.send(new StartInstancesCommand({ InstanceIds: [instanceID] })).then(
    () => true,
    (error: unknown) => {
      if (isScarce(error)) return false
      throw error
    },
  )
}

const states = ["pending", "running", "stopping", "stopped"] as const

/** Those that have not ended. */
async function seen(): Promise<Seen[]> {
  return (await select([...filters(stageTags()), { Name: "tag-key", Values: [poolTag] }])).flatMap(see)
}

function see(instance: Described): Seen[] {
  const { InstanceId: instanceID, LaunchTime, State } = instance
  const id = tagOf(instance, poolTag)
  const state = states.find((name) => name === State?.Name)
  if (!id || !instanceID || !state) return []
  const isTagged = tagOf(instance, sessionTag) !== undefined
  return [{ id, instanceID, state, launched: LaunchTime?.getTime() ?? 0, isTagged }]
}
