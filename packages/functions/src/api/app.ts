import { Identifier } from "@remote-swe/core/identifier"
import { Hono } from "hono"
import { access, root } from "./access.ts"
import { limited, parsed } from "./body.ts"
import type { Env } from "./common.ts"
import { document } from "./document.ts"
import { known, onError } from "./problem.ts"
import { repetition } from "./repetition.ts"
import { EgressRoute, SessionEgressRoute } from "./route/egress.ts"
import { FileRoute } from "./route/file.ts"
import { KeyRoute } from "./route/key.ts"
import { MachineRoute } from "./route/machine.ts"
import { MetaRoute } from "./route/meta.ts"
import { ModelRoute } from "./route/model.ts"
import { SessionRoute } from "./route/session.ts"
import { TriggerRoute } from "./route/trigger.ts"
import { UsageRoute } from "./route/usage.ts"
import { WorkerRoute } from "./route/worker.ts"
import { ViewRoute } from "./route/view.ts"

/** The REST API, the same for Lambda and for Node. */
export const app = new Hono<Env>()

app
  .onError(onError)
  .use(async (c, next) => {
    c.set("requestID", Identifier.create("request"))
    c.header("x-request-id", c.var.requestID)
    c.header("x-content-type-options", "nosniff")
    c.header("cache-control", "no-store")
    await next()
  })
  .use((c, next) => known(app)(c, next))
  .use(access, limited, parsed, repetition)
  .route(`${root}/sessions`, SessionRoute)
  .route(`${root}/sessions`, ViewRoute)
  .route(`${root}/sessions`, SessionEgressRoute)
  .route(`${root}/egress`, EgressRoute)
  .route(`${root}/files`, FileRoute)
  .route(`${root}/keys`, KeyRoute)
  .route(`${root}/models`, ModelRoute)
  .route(`${root}/usage`, UsageRoute)
  .route(`${root}/triggers`, TriggerRoute)
  .route(`${root}/worker`, WorkerRoute)
  .route(`${root}/worker`, MachineRoute)
  .route(
    root,
    MetaRoute(() => document(app)),
  )
