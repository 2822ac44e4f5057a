import * as v from "valibot"
import { Repository } from "@remote-swe/core/session/schema"
import { describe } from "./describe.ts"
import { shown } from "./text.ts"
import { Tool } from "./tool.ts"

export const CloneRepositoryTool = Tool.define({
  name: "clone_repository",
  description: describe("clone-repository"),
  input: v.strictObject({ repository: Repository }),
  parallel: false,
  async execute({ repository: source }, context) {
    const { path, branch, base } = await context.workspace.clone(source, context.signal)
    return `${source} is in ${shown(context, path)}, on the session's branch ${branch} (from ${base}).`
  },
})
