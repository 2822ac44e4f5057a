import { links } from "../../core/test/cloud.ts"

await links()
process.env["SST_RESOURCE_GithubToken"] = JSON.stringify({ value: "ghp_only-in-tests" })
process.env["SST_RESOURCE_AnthropicApiKey"] = JSON.stringify({ value: "sk-only-in-tests" })
process.env["SST_RESOURCE_WorkerIdentity"] = JSON.stringify({
  assumedRole: "arn:aws:sts::123456789012:assumed-role/WorkerRole",
})
