import { existsSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { getRequestListener } from "@hono/node-server"
import { root } from "./config.ts"

type Handler = (request: Request) => Response | Promise<Response>

const entry = path.join(root, "web", ".output", "server", "index.mjs")

/** The built dashboard, in this process. */
export async function load() {
  if (!existsSync(entry)) throw new Error("The dashboard is not built: run npm start, or `bun run build` in web")
  const built: { default: { fetch: Handler } } = await import(pathToFileURL(entry).href)
  return getRequestListener((request) => built.default.fetch(request))
}
