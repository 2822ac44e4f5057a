import { matchesGlob } from "node:path"
import * as v from "valibot"
import { VisibleError } from "@remote-swe/core/error"
import { hidden, search } from "./search.ts"
import { shown } from "./text.ts"
import { Tool } from "./tool.ts"

const limit = 300

export const GlobTool = Tool.define({
  name: "glob",
  description: `Finds files by a pattern such as "**/*.ts" or "src/**/test_*.py", ignored files left out. A pattern without a slash is looked for in every folder. Returns up to ${limit} paths.`,
  input: v.strictObject({
    pattern: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)),
    path: v.optional(v.pipe(v.string(), v.description("The folder to look in; by default the session's folder."))),
  }),
  parallel: true,
  async execute({ pattern, path = "." }, context) {
    const folder = shown(context, path)
    if ((await context.sandbox.stat(path)).type !== "directory")
      throw new VisibleError("missing", "folder.missing", `There is no folder ${path}.`)
    const prune = hidden.flatMap((name) => ["-name", name, "-prune", "-o"])
    const { stdout, truncated } = await search(
      context,
      ["--files", "--hidden", "--null", ...hidden.map((name) => `--glob=!${name}`), "--", folder],
      ["find", folder, ...prune, "-type", "f", "-print0"],
    )
    const wanted = pattern.includes("/") ? pattern.replace(/^\.?\/+/, "") : `**/${pattern}`
    const prefix = folder === "." ? "" : `${folder}/`
    const files = Buffer.from(stdout).toString("utf8").split("\0").filter(Boolean)
    const inside = files.map((file) => file.replace(/^\.\//, "")).map((file) => file.slice(prefix.length))
    const found = inside.filter((file) => matchesGlob(undotted(file), undotted(wanted))).sort()
    if (found.length === 0) return `No file matches ${pattern} in ${folder}.`
    const rest =
      found.length > limit || truncated
        ? [
            `[${truncated ? "too many files to see them all; " : ""}${found.length} found; give a narrower pattern or path]`,
          ]
        : []
    return [...found.slice(0, limit).map((file) => `${prefix}${file}`), ...rest].join("\n")
  },
})

/** A name that begins with a dot is one like any other: `*` matches it as well. */
const undotted = (path: string) => path.replace(/(^|[/{,])\.(?!\.?(?:\/|$))/g, "$1\u0001")
