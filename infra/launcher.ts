import { permission } from "./permission.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"

/** What starts and ends machines: woken by the queue, and by the sweeper. In `sst dev` see dev.ts. */

export const launcher = $dev ? undefined : await create()

async function create() {
  const { identity, launching, stopping, worker } = await import("./worker.ts")
  const { building, image } = await import("./image.ts")
  const { fetching, program } = await import("./program.ts")
  const { discarding, removal } = await import("./remove.ts")
  const links = [worker, image, program]
  const starting = [...launching, ...fetching]
  const subscriber = queue.subscribe(
    {
      handler: "packages/functions/src/queue/handler.handler",
      timeout: "1 minute",
      memory: "512 MB",
      link: [table, bucket, queue, realtime, settings, ...links],
      permissions: [...permission.readAndWrite, ...permission.announce, ...permission.wake, ...starting],
    },
    {
      batch: { size: 5, partialResponses: true },
      transform: {
        eventSourceMapping(args, opts) {
          args.scalingConfig = { maximumConcurrency: 10 }
          // No machine is started any more when the last ones are taken away.
          opts.dependsOn = removal
          return undefined
        },
      },
    },
  )
  return { identity, links, starting, tending: [...building, ...stopping, ...discarding], removal, subscriber }
}
