import { Config } from "./config.ts"
import { pushKey } from "./push.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { present, secret } from "./secret.ts"
import { settings } from "./settings.ts"
import { slack } from "./slack.ts"
import { bucket, table } from "./storage.ts"

/** In `sst dev` no machine is started: a pane launches and sweeps, with workers as processes of the laptop. */
if ($dev)
  new sst.x.DevCommand("LocalWorkers", {
    link: [
      table,
      bucket,
      queue,
      realtime,
      settings,
      pushKey,
      ...present(secret.anthropicApiKey),
      ...(slack?.links ?? []),
    ],
    environment: { AWS_REGION: Config.use().region },
    dev: { command: "../../node_modules/.bin/node src/dev.ts", directory: "packages/local", title: "Workers" },
  })
