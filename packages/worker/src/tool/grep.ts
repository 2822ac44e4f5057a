import * as v from "valibot"
import { VisibleError } from "@remote-swe/core/error"
import { describe } from "./describe.ts"
import { hidden, search } from "./search.ts"
import { shown } from "./text.ts"
import { Tool } from "./tool.ts"

const limits = { lines: 200, width: 300 } as const
const contextLimit = 10

export const GrepTool = Tool.define({
  name: "grep",
  description: describe("grep", limits),
  input: v.strictObject({
    pattern: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)),
    path: v.optional(v.string()),
    include: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.description('Such as "*.ts".'))),
    ignore_case: v.optional(v.boolean()),
    context: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.maxValue(contextLimit),
        v.description("Lines to show around each."),
      ),
    ),
  }),
  parallel: true,
  async execute({ pattern, path = ".", include, ignore_case = false, context: around = 0 }, context) {
    const place = shown(context, path)
    if ((await context.sandbox.stat(path)).type === "missing")
      throw new VisibleError("missing", "file.missing", `There is no ${path}.`)
    const common = [
      "--line-number",
      ...(ignore_case ? ["--ignore-case"] : []),
      ...(around > 0 ? [`--context=${around}`] : []),
    ]
    const { code, stdout, stderr, truncated } = await search(
      context,
      [
        ...common,
        "--with-filename",
        "--no-heading",
        "--color=never",
        "--hidden",
        "--sort=path",
        // The last glob that matches decides.
        ...(include ? [`--glob=${include}`] : []),
        ...hidden.map((name) => `--glob=!${name}`),
        `--regexp=${pattern}`,
        "--",
        place,
      ],
      [
        "grep",
        "-rHIE",
        ...common,
        ...hidden.map((name) => `--exclude-dir=${name}`),
        ...(include ? [`--include=${include}`] : []),
        `--regexp=${pattern}`,
        "--",
        place,
      ],
    )
    const text = Buffer.from(stdout).toString("utf8").trimEnd()
    // 1: nothing was found. 2: an error, though some files may have been searched.
    if (text === "" && code !== 0 && code !== 1)
      throw new VisibleError(
        "input",
        "grep.pattern",
        `The search failed: ${stderr.trim().slice(0, 1_000) || "it took too long"}`,
      )
    if (text === "") return `Nothing matches ${pattern} in ${place}.`
    const lines = text.split("\n").map((line) => line.replace(/^\.\//, ""))
    const rows = lines
      .slice(0, limits.lines)
      .map((line) => (line.length > limits.width ? `${line.slice(0, limits.width)}…` : line))
    const more = lines.length > limits.lines || truncated || code === null
    const rest = more ? [`[only the first ${rows.length} lines; narrow the pattern, path or include]`] : []
    return [...rows, ...rest].join("\n").toWellFormed()
  },
})
