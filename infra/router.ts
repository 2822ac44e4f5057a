import { createHash } from "node:crypto"
import { Config } from "./config.ts"
import { firewall } from "./firewall.ts"
import { randomKey } from "./key.ts"

/** Known to the router and, as a hash, to what stands behind it. See guard.ts. */
const key = randomKey("OriginKeyBytes")
export const originKeyHash = $util.unsecret(key.hex).apply((hex) => createHash("sha256").update(hex).digest("hex"))

/** CloudFront's managed policy: HSTS, nosniff, frames of the same origin, and the like, where the origin says nothing. */
const securityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03"

/** The one door: dashboard and API share a domain and a firewall. */
export const router = new sst.aws.Router("Router", {
  edge: {
    viewerRequest: {
      // Set for every request, so that a visitor's own header counts for nothing.
      injection: $interpolate`event.request.headers["x-origin-key"] = { value: "${key.hex}" };`,
    },
  },
  transform: {
    cdn(args) {
      args.transform = {
        distribution(distribution) {
          distribution.webAclId = firewall?.arn
          distribution.httpVersion = "http2and3"
          distribution.defaultCacheBehavior = $util.output(distribution.defaultCacheBehavior).apply((behavior) => ({
            ...behavior,
            responseHeadersPolicyId: securityHeaders,
          }))
          return undefined
        },
      }
      return undefined
    },
  },
})

/** Where people find the dashboard. */
export const dashboardURL = $dev ? $util.output(`http://localhost:${Config.devPort}`) : router.url
