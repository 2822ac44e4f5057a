import { execFileSync } from "node:child_process"
import { realpathSync } from "node:fs"
import path from "node:path"

/**
 * Functions as we pack them ourselves: SST's esbuild leaves half a megabyte of the AWS SDK in whatever starts
 * machines, and what the tests run is what is uploaded.
 */

interface Packed {
  bundle: string
  handler: string
}

const made = new Map<string, Packed>()

/** The function whose handler is `<file without its ending>.<name of what it exports>`. */
export function packed(handler: string) {
  const known = made.get(handler)
  if (known) return known
  const { dir, name, ext } = path.posix.parse(handler)
  const node = path.resolve("node_modules", ".bin", "node")
  const script = realpathSync(path.join("scripts", "pack.mjs"))
  const bundle = execFileSync(node, [script, path.posix.join(dir, `${name}.ts`)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim()
  const result = { bundle, handler: `bundle${ext}` }
  made.set(handler, result)
  return result
}
