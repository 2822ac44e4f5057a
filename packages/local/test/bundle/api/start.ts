import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterAll } from "vitest"
import * as Deployment from "../deployment.ts"
import * as Lambda from "../function.ts"
import * as Router from "../router.ts"
import * as Url from "../url.ts"

/** The API's bundle behind the router, linked to the table and bucket of one test file. */

const folder = await mkdtemp(path.join(os.tmpdir(), "swe-a-"))
const deployment = await Deployment.read()
const bundle = Deployment.find(deployment, "api")
const links = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = ""]) =>
    name.startsWith("SST_RESOURCE_") ? [[name.slice("SST_RESOURCE_".length), JSON.parse(value)]] : [],
  ),
)
await Deployment.lay(bundle, folder, links)
/** Tests that turn the clock turn the bundle's, too. */
function aheadMs() {
  const ahead = Math.round(Date.now() - performance.timeOrigin - performance.now())
  return Math.abs(ahead) < 1_000 ? 0 : ahead
}
const lambda = Lambda.create({
  aheadMs,
  folder,
  handler: bundle.handler,
  seconds: bundle.seconds,
  environment: () => ({
    ...Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) =>
        /^AWS_|^PATH$/.test(name) && value ? [[name, value]] : [],
      ),
    ),
    ...bundle.environment,
    SST_RESOURCE_App: process.env["SST_RESOURCE_App"] ?? "",
    ORIGIN_KEY_HASH: createHash("sha256").update("key").digest("hex"),
  }),
})
const url = await Url.serve(lambda)
const router = await Router.serve()
const none = () => undefined
router.open({ api: url.port, web: 0, site: folder, bucket: { name: "none", listener: none }, broker: none, key: "key" })
process.env["BUNDLE_URL"] = router.origin

afterAll(async () => {
  await router.close()
  await url.close()
  await lambda.close()
  await rm(folder, { recursive: true, force: true })
})
