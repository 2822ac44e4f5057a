import { basename } from "node:path"
import * as v from "valibot"
import { limits } from "@remote-swe/core/file/schema"
import { extension, types } from "./text.ts"
import { Tool } from "./tool.ts"

const textLimit = 4_000

export const MessageUserTool = Tool.define({
  name: "message_user",
  description: `Tells the user something while you go on working, up to ${textLimit.toLocaleString("en")} characters, and hands over files of the workspace such as screenshots or reports (up to ${limits.perMessage}). What you say at the end of a turn reaches the user anyway.`,
  input: v.strictObject({
    text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(textLimit)),
    files: v.optional(v.pipe(v.array(v.string()), v.maxLength(limits.perMessage), v.description("Paths."))),
  }),
  parallel: false,
  async execute({ text, files = [] }, { append, sandbox, files: store }) {
    // All are read before the first is shown, so that a wrong path leaves no half message.
    const contents = []
    for (const path of files) contents.push({ path, bytes: await sandbox.readFile(path) })
    await append({ kind: "notice", level: "info", code: "agent.message", text })
    for (const { path, bytes } of contents) {
      const file = await store.put(basename(path), types[extension(path)] ?? "application/octet-stream", bytes)
      await append({ kind: "artifact", artifact: { type: "file", file } })
    }
    return files.length > 0 ? `Sent, with ${files.length} files.` : "Sent."
  },
})
