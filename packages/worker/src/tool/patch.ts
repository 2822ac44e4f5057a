import { randomUUID } from "node:crypto"
import { shown } from "./text.ts"
import type { Context } from "./tool.ts"

/** Characters of a patch that a view gets. */
const limit = 60_000

/** The unified diff from `before` to what is in the file now, for views; absent where there is none to show. */
export async function patch(context: Context, path: string, before: Uint8Array | undefined) {
  const { sandbox, signal } = context
  const old = `${sandbox.tmp}/${randomUUID()}`
  if (before) await sandbox.writeFile(old, before)
  const { stdout, truncated } = await sandbox.run(
    {
      args: [
        "git",
        "diff",
        "--no-index",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--",
        before ? old : "/dev/null",
        path,
      ],
      cwd: sandbox.root,
      limit,
    },
    signal,
  )
  if (before) await sandbox.run({ args: ["rm", "-f", "--", old] })
  const text = Buffer.from(stdout).toString("utf8")
  const start = text.search(/^@@ /m)
  if (start < 0) return undefined
  const name = shown(context, path)
  const head = `--- ${before ? `a/${name}` : "/dev/null"}\n+++ b/${name}\n`
  return { patch: `${head}${text.slice(start)}`.toWellFormed(), ...(truncated && { truncated }) }
}
