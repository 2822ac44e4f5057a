import { launcher } from "./launcher.ts"
import { permission } from "./permission.ts"
import { pushKey } from "./push.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { slack } from "./slack.ts"
import { bucket, table } from "./storage.ts"
import { trigger } from "./trigger.ts"

/** Every minute over whatever is not at rest. In `sst dev` see dev.ts. */
export const sweeper = launcher ? create(launcher) : undefined

function create({ links, starting, tending, removal }: NonNullable<typeof launcher>) {
  return new sst.aws.Cron("Sweeper", {
    schedule: "rate(1 minute)",
    function: {
      handler: "packages/functions/src/cron/handler.handler",
      timeout: "2 minutes",
      memory: "512 MB",
      link: [
        table,
        bucket,
        queue,
        realtime,
        settings,
        pushKey,
        ...links,
        ...(trigger ? [trigger.scheduler] : []),
        ...(slack?.links ?? []),
      ],
      permissions: [
        ...permission.readAndWrite,
        ...permission.removeSession,
        ...permission.announce,
        ...permission.wake,
        ...starting,
        ...tending,
        ...(trigger?.keeping ?? []),
      ],
    },
    transform: {
      target(_, opts) {
        // As with the launcher.
        opts.dependsOn = removal
        return undefined
      },
    },
  })
}
