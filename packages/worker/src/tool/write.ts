import * as v from "valibot"
import { VisibleError } from "@remote-swe/core/error"
import { patch } from "./patch.ts"
import { decode, shown } from "./text.ts"
import { Tool } from "./tool.ts"

const limit = 2_000_000

export const WriteTool = Tool.define({
  name: "write",
  description: `Writes a text file whole, up to ${limit.toLocaleString("en")} characters; missing folders are made. What the file held before is gone: to change a part of a file, use edit.`,
  input: v.strictObject({
    path: v.pipe(v.string(), v.minLength(1)),
    content: v.pipe(v.string(), v.maxLength(limit)),
  }),
  parallel: false,
  async execute({ path, content }, context) {
    const { type, size } = await context.sandbox.stat(path)
    if (type === "directory" || type === "other")
      throw new VisibleError("input", "file.folder", `${path} is not a file: it cannot be written.`)
    const before = type === "file" && size <= limit ? await context.sandbox.readFile(path) : undefined
    await context.sandbox.writeFile(path, Buffer.from(content))
    const lines = content === "" ? 0 : content.replace(/\n$/, "").split("\n").length
    const text = `${type === "file" ? "Replaced" : "Created"} ${shown(context, path)} (${lines} lines).`
    const comparable = before === undefined ? type === "missing" : decode(before) !== undefined
    const view = comparable ? await patch(context, path, before) : undefined
    return { content: [{ type: "text", text }], ...(view && { view }) }
  },
})
