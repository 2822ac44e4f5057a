export * as Removal from "./remove.ts"
import { setTimeout as pause } from "node:timers/promises"
import { TerminateInstancesCommand, waitUntilInstanceTerminated } from "@aws-sdk/client-ec2"
import { Logger } from "../../logger.ts"
import { client, filters, select, stageTags } from "./client.ts"
import { discard, snapshots, volumes } from "./collect.ts"
import { images } from "./image.ts"
import { leftovers, remove as forget } from "./leftover.ts"

/** For so long after nothing new can begin, something that had begun may still start a machine. */
const settleMs = 150_000
const pauseMs = 5_000
/** A function has fifteen minutes. */
const patienceMs = 13 * 60_000
/** Longer than a machine takes to end. */
const endSeconds = 600

/**
 * Takes away all that was made at run time, and waits until it is gone: machines of sessions, of the pool and of
 * Image Builder, images, snapshots, disks. To be called when nothing starts machines any more. Throws where
 * something does not go.
 */
export async function remove({ settle = settleMs, interval = pauseMs, patience = patienceMs } = {}) {
  const since = Date.now()
  for (;;) {
    const found = [...(await endMachines()), ...(await discardRest())]
    const passed = Date.now() - since
    if (found.length === 0 && passed >= settle) return
    if (passed >= patience) throw new Error(`Not all of the stage is gone: ${found.join(", ")}`)
    await pause(interval)
  }
}

async function endMachines() {
  const InstanceIds = (await select(filters(stageTags()), ["shutting-down"])).flatMap((item) => item.InstanceId ?? [])
  if (InstanceIds.length === 0) return []
  await client.send(new TerminateInstancesCommand({ InstanceIds }))
  await waitUntilInstanceTerminated({ client, maxWaitTime: endSeconds, minDelay: 5, maxDelay: 15 }, { InstanceIds })
  Logger.info("machines were ended", { code: "stage.machines", ids: InstanceIds })
  return InstanceIds
}

/** What was found, and may be gone by the next look. */
async function discardRest() {
  const found = await images()
  const parts = [...found.flatMap((item) => item.snapshots), ...(await snapshots()).map(({ id }) => id)]
  const waste = {
    images: found.map(({ id }) => id),
    snapshots: [...new Set(parts)],
    volumes: (await volumes()).flatMap((item) => (item.isAttached ? [] : [item.id])),
  }
  await discard(waste)
  const kept = await leftovers()
  for (const item of kept) await forget(item)
  return [...waste.images, ...waste.snapshots, ...waste.volumes, ...kept.map(({ arn }) => arn)]
}
