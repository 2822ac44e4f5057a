import { basename } from "node:path"
import * as v from "valibot"
import { VisibleError } from "@remote-swe/core/error"
import { describe } from "./describe.ts"
import { decode, extension, shown, types } from "./text.ts"
import { type Context, type Output, Tool } from "./tool.ts"

const limits = { lines: 2_000, width: 2_000, characters: 27_000, size: 20, media: 5 } as const
const megabyte = 1024 * 1024
const images = ["png", "jpg", "jpeg", "gif", "webp"]

export const ReadTool = Tool.define({
  name: "read",
  description: describe("read", limits),
  input: v.strictObject({
    path: v.pipe(v.string(), v.minLength(1)),
    offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description("The first line to read."))),
    limit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.lines), v.description("How many lines.")),
    ),
  }),
  parallel: true,
  async execute({ path, offset = 1, limit = limits.lines }, context) {
    const { type, size } = await context.sandbox.stat(path)
    if (type === "missing") throw await missing(context, path)
    if (type === "directory") return list(context, path)
    const kind = extension(path)
    if (images.includes(kind) || kind === "pdf") return media(context, path, kind)
    if (size > limits.size * megabyte)
      throw large(
        `${path} has ${Math.round(size / megabyte)} MB. Search it with grep, or read a part with bash (sed -n).`,
      )
    const text = decode(await context.sandbox.readFile(path))
    if (text === undefined)
      throw new VisibleError(
        "input",
        "file.binary",
        `${path} is a binary file of ${size} bytes. Look at it with bash (file, xxd).`,
      )
    return number(text, offset, limit)
  },
})

function number(text: string, offset: number, limit: number) {
  if (text === "") return "(the file is empty)"
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/)
  if (offset > lines.length)
    throw new VisibleError(
      "input",
      "file.offset",
      `The file has ${lines.length} lines; offset ${offset} is past its end.`,
    )
  const result: string[] = []
  let characters = 0
  for (let at = offset; at <= lines.length && result.length < limit; at++) {
    const line = lines[at - 1] ?? ""
    const cut = line.length > limits.width ? `${line.slice(0, limits.width)}… [cut]` : line
    const row = `${String(at).padStart(6)}\t${cut}`
    characters += row.length + 1
    if (characters > limits.characters) break
    result.push(row)
  }
  const next = offset + result.length
  if (next <= lines.length) result.push(`[${lines.length} lines in all; go on with offset ${next}]`)
  return result.join("\n").toWellFormed()
}

async function media(context: Context, path: string, kind: string): Promise<Output> {
  const bytes = await context.sandbox.readFile(path, limits.media * megabyte)
  const file = await context.files.put(basename(path), types[kind] ?? "application/octet-stream", bytes)
  return { content: [{ type: kind === "pdf" ? "file" : "image", file }] }
}

async function list(context: Context, path: string) {
  const { stdout } = await context.sandbox.run(
    { args: ["ls", "-1Ap", "--", path], cwd: context.sandbox.root, limit: limits.characters },
    context.signal,
  )
  return `${shown(context, path)} is a folder:\n${Buffer.from(stdout).toString("utf8").trimEnd() || "(empty)"}`
}

/** A wrong path is most often right but for its folder. */
async function missing(context: Context, path: string) {
  const { stdout } = await context.sandbox.run(
    {
      args: [
        "find",
        ".",
        "-name",
        ".git",
        "-prune",
        "-o",
        "-name",
        "node_modules",
        "-prune",
        "-o",
        "-name",
        basename(path),
        "-print",
      ],
      cwd: context.sandbox.root,
      limit: 2_000,
      timeoutMs: 2_000,
    },
    context.signal,
  )
  const found = Buffer.from(stdout).toString("utf8").split("\n").filter(Boolean).slice(0, 5)
  const hint = found.length > 0 ? ` Did you mean: ${found.map((item) => shown(context, item)).join(", ")}?` : ""
  return new VisibleError("missing", "file.missing", `There is no ${path}.${hint}`)
}

const large = (message: string) => new VisibleError("large", "file.large", message)
