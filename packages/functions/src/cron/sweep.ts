import { Actor } from "@remote-swe/core/actor"
import { Deliver } from "@remote-swe/core/deliver"
import { Logger } from "@remote-swe/core/logger"
import { Machine } from "@remote-swe/core/machine"
import { Session } from "@remote-swe/core/session"
import { Trigger } from "@remote-swe/core/trigger"

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
      await Promise.all(Array.from({ length: width }, () => work(queue, world, failed)))
      await stray(instances, world)
      // Last, as it has to wait for others.
      await Deliver.sweep(deliverers)
      const problem = await triggers
      if (problem) throw problem
      if (failed.length > 0) throw new Error(`The sweeper could not look after ${failed.join(", ")}`)
    })
}

async function work(queue: string[], world: Machine.World, failed: string[]) {
  for (let id = queue.shift(); id; id = queue.shift()) {
    const sessionID = id
    await look(sessionID, world).catch((error: unknown) => {
      Logger.error("a session could not be swept", { sessionID, error })
      failed.push(sessionID)
    })
  }
}

/** How long a session may be without its first message: its request came to nothing. */
const stubMs = 15 * 60_000

async function look(sessionID: string, world: Machine.World) {
  await Machine.launch(sessionID, world)
  const session = await Session.fromID(sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
  const now = world.now?.() ?? Date.now()
  if (session?.head === 0 && now - session.time.created >= stubMs) await Session.remove(sessionID)
}

/** Machines that are no session's current one: what a deleted session left, or a generation that was replaced. */
async function stray(instances: readonly Machine.Reference[], { provider }: Machine.World) {
  for (const { sessionID, generation } of instances) {
    const machine = await Machine.find(sessionID)
    if (machine?.generation === generation && machine.state.type === "active") continue
    await provider.terminate({ sessionID, generation })
  }
}
