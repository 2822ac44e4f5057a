import { auth, cookieKey } from "./auth.ts"
import { Config } from "./config.ts"
import { guard } from "./guard.ts"
import { permission } from "./permission.ts"
import { pushKey } from "./push.ts"
import { queue } from "./queue.ts"
import { realtime, realtimeKey } from "./realtime.ts"
import { router } from "./router.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"
import { trigger } from "./trigger.ts"

/** The dashboard. Its server functions are core's, so it may do what the API may for people. */
export const web = new sst.aws.SolidStart("Web", {
  path: "web",
  // The bundler's manifest would be served as a file of the dashboard.
  buildCommand: "bun run build && rm -rf .output/public/.vite",
  router: { instance: router },
  link: [
    table,
    bucket,
    queue,
    realtime,
    realtimeKey,
    settings,
    auth,
    cookieKey,
    pushKey,
    ...(trigger ? [trigger.scheduler] : []),
  ],
  permissions: [
    ...permission.readAndWrite,
    ...permission.removeSession,
    ...permission.announce,
    ...permission.wake,
    ...(trigger?.keeping ?? []),
  ],
  server: { runtime: "nodejs22.x", architecture: "arm64" },
  dev: {
    command: `bun run dev --port ${Config.devPort}`,
    url: `http://localhost:${Config.devPort}`,
    title: "Dashboard",
  },
  transform: { server: guard },
})
