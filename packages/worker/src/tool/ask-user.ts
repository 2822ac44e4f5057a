import * as v from "valibot"
import { Identifier } from "@remote-swe/core/identifier"
import { describe } from "./describe.ts"
import { Tool } from "./tool.ts"

const option = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))

export const AskUserTool = Tool.define({
  name: "ask_user",
  description: describe("ask-user"),
  input: v.strictObject({
    question: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(10_000)),
    options: v.optional(v.pipe(v.array(option), v.maxLength(8))),
  }),
  parallel: false,
  async execute({ question, options = [] }) {
    return {
      content: [{ type: "text", text: "The question was asked. The answer comes as the next message." }],
      events: [{ kind: "ask", askID: Identifier.create("ask"), type: "question", text: question, options }],
      wait: true,
    }
  },
})
