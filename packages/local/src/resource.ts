import type { Info } from "./config.ts"
import { Demo } from "./demo/index.ts"

/** What the parts of the system are told of each other, the way SST tells it. Must be set before `sst` is imported. */

export interface Place {
  /** Where browsers and workers find the one port. */
  origin: string
  /** Of the internal one. */
  cloud: string
  keys: { id: string; secret: string }
  realtimeKey: string
  cookieKey: string
  pushKey: string
}

export const names = { table: "remote-swe", bucket: "remote-swe-files" } as const

export function environment(config: Info, place: Place) {
  const { github, model, idleMs, slack, egress } = config
  const resources = {
    App: { name: "remote-swe", stage: "local" },
    Table: { name: names.table },
    Bucket: { name: names.bucket },
    Realtime: { endpoint: `${place.origin.replace("http", "ws")}/mqtt`, authorizer: "local" },
    RealtimeKey: { value: place.realtimeKey },
    PushKey: { value: place.pushKey },
    LauncherQueue: { url: `${place.cloud}/queue/launcher` },
    Settings: {
      provider: model.provider,
      model: model.id,
      models: model.known,
      ...(model.geography && { geography: model.geography }),
      apiURL: `${place.origin}/api/v1`,
      webURL: place.origin,
      machine: "process",
      idleMs,
      ...(github.serverURL && { githubServerURL: github.serverURL }),
      ...(github.apiURL && { githubAPIURL: github.apiURL }),
      ...(egress && { egress }),
      ...(model.provider === "demo" && { suggestion: Demo.suggestion(config.home) }),
    },
    ...(config.oidc && { Auth: { ...config.oidc, logoutURL: "" }, CookieKey: { value: place.cookieKey } }),
    ...(github.token && { GithubToken: { value: github.token } }),
    ...(github.app && {
      GithubAppID: { value: github.app.id },
      GithubAppPrivateKey: { value: github.app.privateKey },
    }),
    ...(github.app?.installationID && { GithubInstallationID: { value: github.app.installationID } }),
    ...(slack && {
      SlackBotToken: { value: slack.botToken },
      SlackQueue: { url: `${place.cloud}/queue/slack` },
      SlackSettings: { admins: slack.admins, ...(slack.apiURL && { apiURL: slack.apiURL }) },
    }),
  }
  return {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: place.keys.id,
    AWS_SECRET_ACCESS_KEY: place.keys.secret,
    AWS_ENDPOINT_URL_DYNAMODB: place.cloud,
    AWS_ENDPOINT_URL_SQS: place.cloud,
    AWS_ENDPOINT_URL_IOT_DATA_PLANE: place.cloud,
    AWS_ENDPOINT_URL_S3: place.origin,
    AWS_EC2_METADATA_DISABLED: "true",
    ...Object.fromEntries(
      Object.entries(resources).map(([name, value]) => [`SST_RESOURCE_${name}`, JSON.stringify(value)]),
    ),
  }
}

/** Of the owner's own AWS account: our clients must not go there. */
export const foreign = [
  "AWS_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL",
  "AWS_DEFAULT_REGION",
  "SST_RESOURCES_JSON",
]
