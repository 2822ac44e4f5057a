import { links } from "../../core/test/cloud.ts"

await links()
process.env["SST_RESOURCE_GithubToken"] = JSON.stringify({ value: "ghp_only-in-tests" })
