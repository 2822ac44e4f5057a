import { createRequire } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "")
export const work = path.join(root, ".cache", "infra")
export const platform = path.join(root, ".sst", "platform")

/** Loads what SST's platform brings along: its own Pulumi and esbuild, in the versions that it deploys with. */
export const load = createRequire(path.join(platform, "package.json"))
