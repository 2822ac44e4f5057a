import { Config } from "./config.ts"
import { logsURL } from "./arn.ts"
import { dashboardURL, router } from "./router.ts"
import { workerLogGroup } from "./stage.ts"

const { model, idleMs, github, worker } = Config.use()

/** What the parts may know of the configuration. Nothing secret. */
export const settings = new sst.Linkable("Settings", {
  properties: {
    provider: model.provider,
    model: model.id,
    models: model.known,
    ...(model.baseURL && { anthropicBaseURL: model.baseURL }),
    ...(model.geography && { geography: model.geography }),
    apiURL: $interpolate`${router.url}/api/v1`,
    webURL: dashboardURL,
    machine: $dev ? "process" : "ec2",
    idleMs,
    ...(github.serverURL && { githubServerURL: github.serverURL }),
    ...(github.apiURL && { githubAPIURL: github.apiURL }),
    ...(!$dev && { workerLogsURL: logsURL(workerLogGroup) }),
    ...(worker.egress && { egress: worker.egress }),
  },
})
