import { Actor } from "@remote-swe/core/actor"
import { Key } from "@remote-swe/core/key"
import { Machine } from "@remote-swe/core/machine"
import { app } from "@remote-swe/functions/api"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import { deliverers } from "@remote-swe/functions/deliverer"
import * as Launch from "@remote-swe/functions/queue/launch"
import * as Changes from "@remote-swe/functions/table/deliver"

/** The parts that read `sst`'s links as they are imported: see `system.ts` for when that is. */

export const api = (request: Request) => app.fetch(request)

export const launcher = Launch.create
export const sweep = async (world: Machine.World) => Sweep.create(world, await deliverers())
export const changes = async () => Changes.create(await deliverers())

export const world = (provider: Machine.Provider, idleMs: number): Machine.World => ({
  provider,
  policy: Machine.policy(idleMs),
})

/** Makes sure that the API takes `secret`. */
export function admit(secret: string) {
  return Actor.provide({ type: "system" }, () => Key.ensure({ name: "Local", secret }))
}
