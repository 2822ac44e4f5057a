/* What infra links, as `Resource` of `sst` sees it. */
/* eslint-disable */
import "sst"
declare module "sst" {
  export interface Resource {
    App: { name: string; stage: string }
    Table: { type: "sst.aws.Dynamo"; name: string }
    Bucket: { type: "sst.aws.Bucket"; name: string }
    Realtime: { type: "sst.aws.Realtime"; endpoint: string; authorizer: string }
    RealtimeKey: { type: "sst.sst.Linkable"; value: string }
    LauncherQueue: { type: "sst.aws.Queue"; url: string }
    Settings: {
      type: "sst.sst.Linkable"
      provider: "anthropic" | "bedrock" | "demo"
      model: string
      models: string
      apiURL: string
      webURL: string
      machine: "process" | "ec2"
      idleMs: number
      /** GitHub Enterprise Server, or a test double; github.com where it is absent. */
      githubServerURL?: string
      /** A task that a new installation offers as its first. */
      suggestion?: { title: string; message: string; repository: string }
    }
    Worker: {
      type: "sst.sst.Linkable"
      templateID: string
      templateVersion: string
      subnetIDs: string[]
      instanceTypes: string[]
      logGroup: string
    }
    GithubToken: { type: "sst.sst.Secret"; value: string }
  }
}
export {}
