import * as v from "valibot"
import { VisibleError } from "@remote-swe/core/error"
import { describe } from "./describe.ts"
import { miss } from "./miss.ts"
import { patch } from "./patch.ts"
import { decode, shown } from "./text.ts"
import { Tool } from "./tool.ts"

const sizeLimit = 20 * 1024 * 1024

export const EditTool = Tool.define({
  name: "edit",
  description: describe("edit"),
  input: v.strictObject({
    path: v.pipe(v.string(), v.minLength(1)),
    old: v.pipe(
      v.string(),
      v.minLength(1, "Must not be empty; use write for a new file"),
      v.description("The text to replace."),
    ),
    new: v.pipe(v.string(), v.description("What to put in its place.")),
    all: v.optional(v.pipe(v.boolean(), v.description("Replace every occurrence."))),
  }),
  parallel: false,
  async execute({ path, old, new: next, all = false }, context) {
    if (old === next) throw problem("edit.same", "`old` and `new` are equal: nothing would change.")
    const before = await context.sandbox.readFile(path, sizeLimit)
    const text = decode(before)
    if (text === undefined) throw problem("file.binary", `${path} is not a text file.`)
    const [from, to] = inLineEndsOf(text, old, next)
    const pieces = text.split(from)
    const count = pieces.length - 1
    if (count === 0) throw problem("edit.missing", miss(text, old, path))
    if (count > 1 && !all)
      throw problem(
        "edit.ambiguous",
        `\`old\` is ${count} times in ${path} (lines ${lines(text, from).join(", ")}). Give more of what is around it, or all: true.`,
      )
    // Not String.replace, to which `$&` and `$$` in the new text mean something.
    await context.sandbox.writeFile(path, Buffer.from(pieces.join(to)))
    const done = count === 1 ? "Replaced it" : `Replaced ${count} occurrences`
    const view = await patch(context, path, before)
    return { content: [{ type: "text", text: `${done} in ${shown(context, path)}.` }], ...(view && { view }) }
  },
})

/** The model writes `\n`; a file with CRLF is searched and changed in its own line ends. */
function inLineEndsOf(text: string, old: string, next: string): [string, string] {
  const crlf = (part: string) => part.replace(/\r?\n/g, "\r\n")
  if (!text.includes("\r\n") || (old.includes("\n") && text.includes(old))) return [old, next]
  const around = old.includes("\n") || onCrlfLine(text, old)
  return around ? [crlf(old), crlf(next)] : [old, next]
}

function onCrlfLine(text: string, old: string) {
  const end = text.indexOf("\n", text.indexOf(old) + old.length)
  return end > 0 ? text[end - 1] === "\r" : text.includes("\r\n")
}

function lines(text: string, part: string) {
  const result: number[] = []
  for (let at = text.indexOf(part); at >= 0 && result.length < 10; at = text.indexOf(part, at + part.length))
    result.push(text.slice(0, at).split("\n").length)
  return result
}

const problem = (code: string, message: string) => new VisibleError("input", code, message)
