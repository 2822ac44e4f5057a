import { spawn } from "node:child_process"
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { root, work } from "./place.ts"
import type { Bundles, Question, Result } from "./result.ts"

export interface Scene {
  stage: string
  dev?: boolean
  region?: string
  build?: boolean
  /** Where a dashboard is built; else one is made up. */
  site?: string
  /** The configuration: nothing else of our own environment gets in. */
  env?: Record<string, string>
}

const child = fileURLToPath(new URL("./child.ts", import.meta.url))

/** Evaluates the program under Pulumi mocks. Asks no network, no AWS and no Pulumi engine. */
export async function evaluate(name: string, scene: Scene, bundles: Bundles): Promise<Result> {
  const { stage, dev = false, region = "us-east-1", build = false, site, env = {} } = scene
  const folder = path.join(work, "run", name)
  await rm(folder, { recursive: true, force: true })
  await layOutSite(path.join(folder, "web"), site)
  // The program's relative paths begin here: what it makes programs of machines from.
  for (const name of ["scripts", "node_modules"]) await symlink(path.join(root, name), path.join(folder, name))
  const answer = path.join(folder, "result.json")
  const question: Question = { root, work: folder, stage, dev, region, build, bundles, answer }
  const process = spawn(processPath, [child], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...base,
      AWS_REGION: region,
      SST_AWS_REGION: region,
      ...env,
      MOCK_QUESTION: JSON.stringify(question),
    },
  })
  const log: Buffer[] = []
  process.stdout.on("data", (chunk: Buffer) => log.push(chunk))
  process.stderr.on("data", (chunk: Buffer) => log.push(chunk))
  const code = await new Promise<number | null>((resolve) => process.on("exit", resolve))
  const text = await readFile(answer, "utf8").catch(() => undefined)
  if (text === undefined) throw new Error(`The program left no result (${code}):\n${Buffer.concat(log).toString()}`)
  return JSON.parse(text)
}

const processPath = process.execPath
const base = {
  PATH: process.env["PATH"],
  HOME: work,
  AWS_EC2_METADATA_DISABLED: "true",
  NODE_OPTIONS: "--enable-source-maps --no-deprecation --disable-warning=ExperimentalWarning",
}

/** A dashboard in the form that SST reads, already built. */
async function layOutSite(site: string, built: string | undefined) {
  const frame = { "package.json": JSON.stringify({ scripts: { build: "true" } }), "app.config.ts": "" }
  if (built) await cp(built, path.join(site, ".output"), { recursive: true })
  for (const [name, text] of Object.entries({ ...frame, ...(!built && madeUp) })) {
    await mkdir(path.join(site, path.dirname(name)), { recursive: true })
    await writeFile(path.join(site, name), text)
  }
}

const madeUp = {
  ".output/nitro.json": JSON.stringify({ preset: "aws-lambda", config: { awsLambda: { streaming: true } } }),
  ".output/server/index.mjs": "export const handler = async () => ({ statusCode: 200 })",
  ".output/public/favicon.svg": "<svg/>",
  ".output/public/_build/app.js": "",
}
