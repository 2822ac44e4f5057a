/* What infra links, as `Resource` of `sst` sees it. Written by `npm run infra -- types`. */
/* eslint-disable */
import "sst"
declare module "sst" {
  export interface Resource {
    App: { name: string; stage: string }
    AnthropicApiKey: {
      type: "sst.sst.Secret"
      value: string
    }
    Auth: {
      type: "sst.sst.Linkable"
      adminRole: string
      clientID: string
      clientSecret: string
      issuer: string
      /** Where to send who signs out, where the issuer's discovery document does not say it; else empty. */
      logoutURL: string
      /** Whoever has it is a member; "*": everybody whom the issuer lets in. */
      memberRole: string
      /** The claim that names a person's roles, or the path to it. */
      rolesClaim: string
    }
    Bucket: {
      type: "sst.aws.Bucket"
      name: string
    }
    CookieKey: {
      type: "sst.sst.Linkable"
      value: string
    }
    GithubAppID: {
      type: "sst.sst.Secret"
      value: string
    }
    GithubAppPrivateKey: {
      type: "sst.sst.Secret"
      value: string
    }
    GithubInstallationID: {
      type: "sst.sst.Secret"
      value: string
    }
    GithubToken: {
      type: "sst.sst.Secret"
      value: string
    }
    LauncherQueue: {
      type: "sst.aws.Queue"
      url: string
    }
    PushKey: {
      type: "sst.sst.Linkable"
      value: string
    }
    Realtime: {
      type: "sst.aws.Realtime"
      authorizer: string
      endpoint: string
    }
    RealtimeKey: {
      type: "sst.sst.Linkable"
      value: string
    }
    Scheduler: {
      type: "sst.sst.Linkable"
      deadLetterARN: string
      groupName: string
      roleARN: string
      targetARN: string
    }
    Settings: {
      type: "sst.sst.Linkable"
      /** Any server that speaks Anthropic's Messages API; Anthropic's own where it is absent. */
      anthropicBaseURL?: string
      apiURL: string
      /** Hosts that what the model runs may reach; everything where it is absent. */
      egress?: string[]
      /** Where Bedrock may answer: everywhere where it is absent. */
      geography?: "global" | "us" | "eu" | "jp" | "au" | "in"
      /** Where its REST API is; where it is by default where this is absent. */
      githubAPIURL?: string
      /** GitHub Enterprise Server, or a test double; github.com where it is absent. */
      githubServerURL?: string
      idleMs: number
      machine: "process" | "ec2"
      model: string
      models: string
      provider: "anthropic" | "bedrock" | "demo"
      /** A task that a new installation offers as its first. */
      suggestion?: { title: string; message: string; repository: string }
      webURL: string
      /** Where people read what machines log; absent where there are no machines. */
      workerLogsURL?: string
    }
    SlackAppToken: {
      type: "sst.sst.Secret"
      value: string
    }
    SlackBotToken: {
      type: "sst.sst.Secret"
      value: string
    }
    SlackQueue: {
      type: "sst.aws.Queue"
      url: string
    }
    SlackSettings: {
      type: "sst.sst.Linkable"
      /** Ids of people, comma separated; empty where everybody of the workspace may use the bot. */
      admins: string
      /** Another Slack, or a test double; slack.com's where it is absent. */
      apiURL?: string
    }
    SlackSigningSecret: {
      type: "sst.sst.Secret"
      value: string
    }
    Table: {
      type: "sst.aws.Dynamo"
      name: string
    }
    Worker: {
      type: "sst.sst.Linkable"
      instanceTypes: string[]
      logGroup: string
      poolSize: number
      poolState: "running" | "stopped"
      spot: boolean
      spotFallback: boolean
      subnetIDs: string[]
      sudo: boolean
      templateID: string
      templateVersion: string
    }
    WorkerIdentity: {
      type: "sst.sst.Linkable"
      assumedRole: string
    }
    WorkerImage: {
      type: "sst.sst.Linkable"
      architecture: string
      base: string
      fixed?: string
      name?: string
      pipelineARN?: string
    }
    WorkerProgram: {
      type: "sst.sst.Linkable"
      bundleKey: string
      bundleSha256: string
      bundleVersion: string
      floor: number
      recipeKey: string
      recipeSha256: string
      recipeVersion: string
    }
  }
}
export {}
