import { guarded } from "./guard.ts"
import { launcher } from "./launcher.ts"
import { permission } from "./permission.ts"
import { queue } from "./queue.ts"
import { realtime, realtimeKey } from "./realtime.ts"
import { router } from "./router.ts"
import { github, present, secret } from "./secret.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"
import { trigger } from "./trigger.ts"

/** People's REST API and the workers' door. An event stream may last as long as the function. */
export const api = new sst.aws.Function(
  "Api",
  guarded({
    handler: "packages/functions/src/api/handler.handler",
    url: { router: { instance: router, path: "/api" }, cors: false },
    streaming: !$dev,
    timeout: "5 minutes",
    memory: "1024 MB",
    link: [
      table,
      bucket,
      queue,
      realtime,
      realtimeKey,
      settings,
      ...(launcher ? [launcher.identity] : []),
      ...(trigger ? [trigger.scheduler] : []),
      ...github,
      ...present(secret.anthropicApiKey),
    ],
    permissions: [
      ...permission.readAndWrite,
      ...permission.removeSession,
      ...permission.announce,
      ...permission.wake,
      ...(trigger?.keeping ?? []),
    ],
  }),
)
