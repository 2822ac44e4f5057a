import { VisibleError } from "@remote-swe/core/error"
import type { Outcome } from "../sandbox/sandbox.ts"
import type { Context } from "./tool.ts"

/** Bytes that a search may print before it is ended. */
const outputLimit = 8 * 1024 * 1024
const timeoutMs = 60_000

/** Runs ripgrep, or what every system has where it is missing. */
export async function search(
  context: Context,
  ripgrep: readonly string[],
  fallback: readonly [string, ...string[]],
): Promise<Outcome> {
  const run = (args: [string, ...string[]]) =>
    context.sandbox.run({ args, cwd: context.sandbox.root, limit: outputLimit, timeoutMs }, context.signal)
  return run(["rg", "--no-config", ...ripgrep]).catch((error: unknown) => {
    if (error instanceof VisibleError && error.kind === "missing") return run([...fallback])
    throw error
  })
}

/** Folders that nobody means when they search. */
export const hidden = [".git", "node_modules"]
