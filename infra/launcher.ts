import { permission } from "./permission.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"

/** What starts and ends machines: woken by the queue, and by the sweeper. In `sst dev` see dev.ts. */

export const launcher = $dev ? undefined : await create()

async function create() {
  const { identity, launching, worker } = await import("./worker.ts")
  const subscriber = queue.subscribe(
    {
      handler: "packages/functions/src/queue/handler.handler",
      timeout: "1 minute",
      memory: "512 MB",
      link: [table, bucket, queue, realtime, settings, worker],
      permissions: [...permission.readAndWrite, ...permission.announce, ...permission.wake, ...launching],
    },
    {
      batch: { size: 5, partialResponses: true },
      transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: 10 } } },
    },
  )
  return { identity, launching, worker, subscriber }
}
