import { writeFile } from "node:fs/promises"
import path from "node:path"
import { one } from "./check/see.ts"
import { bundle } from "./harness/bundle.ts"
import { evaluate } from "./harness/evaluate.ts"
import { root, work } from "./harness/place.ts"
import { unpack } from "./harness/zip.ts"
import type { Result } from "./harness/result.ts"

/**
 * Everything that a deployment uploads, whole: the dashboard and all functions, packed by SST's own
 * components. `bundles.json` says where it lies and how Lambda would run it.
 */

interface Bundle {
  /** The archive, and what is in it. */
  zip: string
  folder: string
  handler: string
  environment: Record<string, string>
  /** Megabytes. */
  memory: number
  seconds: number
  /** Names of what it is linked to. */
  links: string[]
}

const site = path.join(work, "site")

export async function write() {
  const { build }: { build(preset: string, output: string): void } = await import(
    String(new URL("../../scripts/build.mjs", import.meta.url))
  )
  build("aws-lambda", site)
  const env = {
    SST_SECRET_GithubToken: "a token",
    SST_SECRET_AnthropicApiKey: "a key",
    SLACK_ADMIN_USER_ID_LIST: "U0BOSS",
    SST_SECRET_SlackBotToken: "a token of the bot",
    SST_SECRET_SlackSigningSecret: "a secret of Slack",
  }
  const result = await evaluate("bundles", { stage: "bundles", site, env }, await bundle())
  if (result.errors.length > 0) throw new Error(result.errors.join("\n"))
  const functions = Object.fromEntries(result.functions.map((item) => [item.id, look(result, item.id, item.links)]))
  const file = path.join(work, "bundles.json")
  await writeFile(file, JSON.stringify({ site: path.join(site, "public"), functions }, null, 2))
  return file
}

function look(result: Result, id: string, links: string[]): Bundle {
  const { handler, environment, memorySize, timeout } = one(result, `${id}Function`).inputs
  const { variables } = environment as { variables: Record<string, string> }
  const place = path.join(work, "run", "bundles", "artifacts", id)
  const [zip, folder] = [path.join(place, "code.zip"), path.join(place, "code")]
  unpack(zip, folder)
  return {
    zip,
    folder,
    handler: String(handler),
    environment: variables,
    memory: Number(memorySize),
    seconds: Number(timeout),
    links,
  }
}
