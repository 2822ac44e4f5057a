import * as v from "valibot"
import { TodoItem } from "@remote-swe/core/log/schema"
import { Tool } from "./tool.ts"

const limit = 100

export const TodoTool = Tool.define({
  name: "todo",
  description: `Keeps the list of what is to be done, which people see beside the conversation. Give the whole list each time (up to ${limit} items), with at most one item active. Use it for work of three steps or more, and keep it true.`,
  input: v.strictObject({ items: v.pipe(v.array(TodoItem), v.maxLength(limit)) }),
  parallel: false,
  async execute({ items }) {
    const done = items.filter((item) => item.status === "done").length
    return {
      content: [{ type: "text", text: `${done} of ${items.length} done.` }],
      events: [{ kind: "todo", items }],
    }
  },
})
