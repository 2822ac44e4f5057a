import * as v from "valibot"
import { Title } from "@remote-swe/core/session/schema"
import { Tool } from "./tool.ts"

export const TitleTool = Tool.define({
  name: "title",
  description: "Names the session in lists: a few words that say what it is about. Use it once, when you know.",
  input: v.strictObject({ title: Title }),
  parallel: false,
  async execute({ title }) {
    return { content: [{ type: "text", text: "Done." }], events: [{ kind: "title", title }] }
  },
})
