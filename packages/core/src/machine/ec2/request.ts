import { Resource } from "sst"
import type { Choice } from "../image.ts"
import { bootMs } from "../policy.ts"
import { client } from "./client.ts"
import { programs } from "./program.ts"
import { userData } from "./user-data.ts"

/** What a machine is started from and told: `own` beside what all machines of this stage are. */
export async function request(since: number, own: Record<string, string>, choice: Choice) {
  // Who did not boot by then never will.
  const { bundle, recipe } = await programs(since, bootMs[choice.boot])
  const { apiURL, githubServerURL, githubAPIURL, egress } = Resource.Settings
  const settings = {
    AWS_REGION: await client.config.region(),
    REMOTE_SWE_API_URL: apiURL,
    REMOTE_SWE_LOG_GROUP: Resource.Worker.logGroup,
    REMOTE_SWE_BUNDLE_URL: bundle.url,
    REMOTE_SWE_BUNDLE_SHA256: bundle.sha256,
    ...(githubServerURL && { GITHUB_SERVER_URL: githubServerURL }),
    ...(githubAPIURL && { GITHUB_API_URL: githubAPIURL }),
    ...(Resource.Worker.sudo && { WORKER_SUDO: "true" }),
    ...(egress && { EGRESS_ALLOWED_DOMAINS: egress.join(",") }),
    ...own,
  }
  return { choice, userData: userData({ settings, recipe }) }
}
