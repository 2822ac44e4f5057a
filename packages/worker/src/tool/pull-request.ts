import * as v from "valibot"
import { describe } from "./describe.ts"
import { Tool } from "./tool.ts"

export const PullRequestTool = Tool.define({
  name: "pull_request",
  description: describe("pull-request"),
  input: v.strictObject({
    title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(250), v.regex(/^[^\r\n]+$/, "Must be one line")),
    body: v.pipe(v.string(), v.maxLength(60_000)),
    repository: v.optional(v.string()),
    draft: v.optional(v.boolean()),
  }),
  parallel: false,
  async execute(input, { workspace, append, signal }) {
    const { branch, pullRequest, updated } = await workspace.pullRequest(input, signal)
    await append({ kind: "artifact", artifact: branch })
    if (!pullRequest)
      return `Pushed ${branch.branch} to ${branch.repository}. There is no GitHub for it here, so nobody can be asked to review it: tell the user where the branch is.`
    await append({ kind: "artifact", artifact: pullRequest })
    const where = pullRequest.url ?? `#${pullRequest.number} (kept beside ${pullRequest.repository})`
    return `${updated ? "Updated" : "Opened"} pull request ${where}, from ${branch.branch} into ${pullRequest.base}.`
  },
})
