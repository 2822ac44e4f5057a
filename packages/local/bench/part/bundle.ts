/** What a deployment uploads: how large each function is, and how long a new instance of it takes. */
import { createHash } from "node:crypto"
import { mkdir, readdir, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { text } from "node:stream/consumers"
import { Config } from "../../src/config.ts"
import { environment } from "../../src/resource.ts"
import * as Deployment from "../../test/bundle/deployment.ts"
import * as Lambda from "../../test/bundle/function.ts"
import type { Row } from "../table.ts"
import { report, say, withFolder } from "../part.ts"

const count = Number(process.env["BENCH_COUNT"] ?? 15)
const key = "a key of the benchmark"

const invokedFunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:bench"

/** What each is asked first: something that nothing stands behind. */
const asked: Partial<Record<Deployment.Name, string>> = {
  api: "GET /health",
  web: "a page that does not exist, rendered",
  authorizer: "a token that is none",
  launcher: "an empty batch",
  deliverer: "an empty batch",
  slack: "a request that nobody signed",
  bot: "an empty batch",
}
const ask = (rawPath: string) => ({
  version: "2.0",
  rawPath,
  rawQueryString: "",
  headers: { host: "localhost", "x-origin-key": key },
  requestContext: { domainName: "localhost", http: { method: "GET", path: rawPath, sourceIp: "127.0.0.1" } },
  isBase64Encoded: false,
})
const events: Partial<Record<Deployment.Name, unknown>> = {
  api: ask("/api/v1/health"),
  web: ask("/nowhere"),
  authorizer: { protocolData: { mqtt: { username: "", password: "", clientId: "x" } } },
  launcher: { Records: [] },
  deliverer: { Records: [] },
  slack: ask("/slack/events"),
  bot: { Records: [] },
}
const aims: Partial<Record<Deployment.Name, { size: string; init?: string }>> = {
  api: { size: "≤ 1.5 MB", init: "p50 ≤ 200 ms" },
  web: { size: "≤ 1 MB" },
}

/** Of those that stand behind a door, what is behind it. */
const inner: Partial<Record<Deployment.Name, string>> = {
  api: "bundle.handler",
  web: "index.handler",
  slack: "bundle.handler",
}

/** What loads nothing. */
const bare = { folder: "", handler: "bundle.handler", seconds: 3, environment: {} }

const place = { origin: "http://localhost", cloud: "http://127.0.0.1:1", keys: { id: "x", secret: "x" } }
const local = environment(Config.read({}), { ...place, realtimeKey: "bench", cookieKey: "bench", pushKey: "bench" })
const more = { Worker: {}, SlackSigningSecret: { value: "x" }, SlackQueue: { url: "http://127.0.0.1:1/queue/slack" } }
const slack = { SlackBotToken: { value: "x" }, SlackSettings: { admins: "" } }
const links = Object.fromEntries(
  Object.entries(local).flatMap(([name, value]) =>
    name.startsWith("SST_RESOURCE_") ? [[name.slice("SST_RESOURCE_".length), JSON.parse(value)]] : [],
  ),
)

say("building")
await Deployment.build()
const deployment = await Deployment.read()
await withFolder(async (folder) => {
  bare.folder = path.join(folder, "bare")
  await mkdir(bare.folder)
  await writeFile(path.join(bare.folder, "bundle.mjs"), "export const handler = async () => undefined\n")
  for (const name of Deployment.all) {
    say(name)
    await report(...(await measure(name, path.join(folder, name))))
  }
})
process.exit()

async function measure(name: Deployment.Name, folder: string): Promise<Row[]> {
  const bundle = Deployment.find(deployment, name)
  const zip = await stat(bundle.zip)
  const files = await readdir(bundle.folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => stat(path.join(file.parentPath, file.name))),
  )
  const raw = sizes.reduce((sum, { size }) => sum + size, 0)
  // Only the bot is measured with Slack: the others load what they have of it when it is on.
  await Deployment.lay(bundle, folder, { ...links, ...more, ...(name === "bot" && slack) })
  const inits: Awaited<ReturnType<typeof time>>[] = []
  const answers: number[] = []
  const ratios: number[] = []
  for (let round = 0; round < count; round++) {
    const init = await time(bundle, folder, inner[name] ?? bundle.handler)
    const nothing = await time(bare, bare.folder, bare.handler)
    inits.push(init)
    ratios.push(init.startMs / nothing.startMs)
    if (events[name] === undefined) continue
    const { initMs, answerMs } = await time(bundle, folder, bundle.handler, events[name])
    answers.push(initMs + answerMs)
  }
  const { size, init } = aims[name] ?? {}
  const content = "all files of the archive that SST's components pack"
  return [
    {
      name: `${name}: size`,
      unit: "MB",
      samples: [raw / 1e6],
      ...(size && { aim: size }),
      how: `${content}, unpacked`,
    },
    { name: `${name}: zipped`, unit: "MB", samples: [zip.size / 1e6], how: `${content}, as it is uploaded` },
    {
      name: `${name}: init`,
      unit: "ms",
      samples: inits.map(({ initMs }) => initMs),
      ...(init && { aim: init }),
      how: `${count} new processes, one after the other: import of the bundle until its handler is there`,
    },
    {
      name: `${name}: init, processor`,
      unit: "ms",
      samples: inits.map(({ cpuMs }) => cpuMs),
      how: "the same imports: how long processors worked on them, all threads together",
    },
    {
      name: `${name}: start`,
      unit: "×",
      samples: ratios,
      how: "the same starts, from the start of Node on: how many times as long as a function that loads nothing, started right after",
    },
    ...(answers.length > 0
      ? [
          {
            name: `${name}: first answer`,
            unit: "ms" as const,
            samples: answers,
            how: `${count} new processes: import of the handler, and its answer to ${asked[name]}; the start of Node is not in it`,
          },
        ]
      : []),
  ]
}

type Timed = Pick<Deployment.Bundle, "seconds" | "environment">

/** Milliseconds that a new instance takes to load its handler, and then to answer an event. */
async function time(bundle: Timed, folder: string, handler: string, event?: unknown) {
  const lambda = Lambda.create({
    folder,
    handler,
    seconds: bundle.seconds,
    environment: () => ({
      ...Object.fromEntries(Object.entries(local).filter(([name]) => name.startsWith("AWS_"))),
      ...bundle.environment,
      ORIGIN_KEY_HASH: createHash("sha256").update(key).digest("hex"),
    }),
  })
  const started = performance.now()
  const { initMs, cpuMs } = await lambda.warm()
  const begun = performance.now()
  if (event !== undefined) await text(await lambda.invoke(event, { invokedFunctionArn }))
  const answerMs = performance.now() - begun
  await lambda.close()
  return { initMs, cpuMs, answerMs, startMs: begun - started }
}
