import { Actor } from "@remote-swe/core/actor"
import { Deliver } from "@remote-swe/core/deliver"
import { Logger } from "@remote-swe/core/logger"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import { Trigger } from "@remote-swe/core/trigger"

const now = (world: Machine.World) => world.now?.() ?? Date.now()

/** Sessions looked at side by side. */
const width = 8

/**
 * The sweeper, every minute: whatever was forgotten on the way, by a crash or a lost message, is found
 * here. It asks the launcher's own question of every session that is not at rest and every machine.
 */
export function create(world: Machine.World, deliverers: readonly Deliver.Deliverer[] = []) {
  return () =>
    Actor.provide({ type: "system" }, async () => {
      const triggers = Trigger.sweep().catch((error: unknown) => error)
      const [sessions, machines, instances] = await Promise.all([
        Session.unrest(),
        Machine.active(),
        world.provider.list(),
      ])
      const ids = new Set([...sessions, ...machines])
      const queue = [...ids]
      const failed: string[] = []
      await Promise.all(Array.from({ length: width }, () => work(queue, { world, instances, failed })))
      await stray(instances, world)
      const tended = await world.provider.tend?.(isActive, now(world)).catch((error: unknown) => error)
      // Last, as it has to wait for others.
      await Deliver.sweep(deliverers)
      const problem = (await triggers) ?? tended
      if (problem) throw problem
      if (failed.length > 0) throw new Error(`The sweeper could not look after ${failed.join(", ")}`)
    })
}

interface Sweep {
  world: Machine.World
  instances: readonly Machine.Listed[]
  failed: string[]
}

async function work(queue: string[], { world, instances, failed }: Sweep) {
  for (let id = queue.shift(); id; id = queue.shift()) {
    const sessionID = id
    await look(sessionID, world, instances).catch((error: unknown) => {
      Logger.error("a session could not be swept", { sessionID, error })
      failed.push(sessionID)
    })
  }
}

/** How long a session may be without its first message: its request came to nothing. */
const stubMs = 15 * 60_000

async function look(sessionID: string, world: Machine.World, instances: readonly Machine.Listed[]) {
  await Machine.launch(sessionID, world, instances)
  // As the launcher has just read it.
  const session = Session.recall(sessionID)
  if (session?.head === 0 && now(world) - session.time.created >= stubMs) await Session.remove(sessionID)
}

/** Machines that are no session's current one: what a deleted session left, or a generation that was replaced. */
async function stray(instances: readonly Machine.Reference[], { provider }: Machine.World) {
  for (const { sessionID, generation } of instances) {
    if (await isActive({ sessionID, generation })) continue
    await provider.terminate({ sessionID, generation })
    Logger.warn("a machine that is no session's was ended", { code: "machine.stray", sessionID, generation })
  }
}

async function isActive({ sessionID, generation }: Machine.Reference) {
  const machine = await Machine.find(sessionID)
  return machine?.generation === generation && machine.state.type === "active"
}
