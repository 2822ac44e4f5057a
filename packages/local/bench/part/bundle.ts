/** What a deployment uploads: how large each function is, and how long a new instance of it takes. */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
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
const asked: Record<Deployment.Name, string> = {
  api: "GET /health",
  web: "a page that does not exist, rendered",
  authorizer: "a token that is none",
  launcher: "an empty batch",
  sweeper: "nothing",
}
const ask = (rawPath: string) => ({
  version: "2.0",
  rawPath,
  rawQueryString: "",
  headers: { host: "localhost", "x-origin-key": key },
  requestContext: { domainName: "localhost", http: { method: "GET", path: rawPath, sourceIp: "127.0.0.1" } },
  isBase64Encoded: false,
})
const events: Record<Deployment.Name, unknown> = {
  api: ask("/api/v1/health"),
  web: ask("/nowhere"),
  authorizer: { protocolData: { mqtt: { username: "", password: "", clientId: "x" } } },
  launcher: { Records: [] },
  sweeper: undefined,
}
const aims: Partial<Record<Deployment.Name, { size: string; init?: string }>> = {
  api: { size: "≤ 1.5 MB", init: "p50 ≤ 200 ms" },
  web: { size: "≤ 1 MB" },
}

/** The door of these loads the bundle with the first request: this is what it loads. */
const inner: Partial<Record<Deployment.Name, string>> = { api: "bundle.handler", web: "index.handler" }

const place = { origin: "http://localhost", cloud: "http://127.0.0.1:1", keys: { id: "x", secret: "x" } }
const local = environment(Config.read({}), { ...place, realtimeKey: "bench", cookieKey: "bench" })
const links = Object.fromEntries(
  Object.entries({ ...local, SST_RESOURCE_Worker: "{}" }).flatMap(([name, value]) =>
    name.startsWith("SST_RESOURCE_") ? [[name.slice("SST_RESOURCE_".length), JSON.parse(value)]] : [],
  ),
)

say("building")
await Deployment.build()
const deployment = await Deployment.read()
await withFolder(async (folder) => {
  for (const name of Deployment.all) {
    say(name)
    await report(...(await measure(name, path.join(folder, name))))
  }
})
process.exit()

async function measure(name: Deployment.Name, folder: string): Promise<Row[]> {
  const bundle = Deployment.find(deployment, name)
  const zip = await readFile(bundle.zip)
  const raw = [...Deployment.entries(zip)].reduce((sum, { content }) => sum + content.length, 0)
  await Deployment.unpack(bundle, folder, links)
  const inits: number[] = []
  const answers: number[] = []
  for (let round = 0; round < count; round++) {
    inits.push(await time(bundle, folder, inner[name] ?? bundle.handler))
    answers.push(await time(bundle, folder, bundle.handler, events[name]))
  }
  const { size, init } = aims[name] ?? {}
  const files = "all files of the archive that SST's components pack"
  return [
    { name: `${name}: size`, unit: "MB", samples: [raw / 1e6], ...(size && { aim: size }), how: `${files}, unpacked` },
    { name: `${name}: zipped`, unit: "MB", samples: [zip.length / 1e6], how: `${files}, as it is uploaded` },
    {
      name: `${name}: init`,
      unit: "ms",
      samples: inits,
      ...(init && { aim: init }),
      how: `${count} new processes, one after the other: import of the bundle until its handler is there`,
    },
    {
      name: `${name}: first answer`,
      unit: "ms",
      samples: answers,
      how: `${count} new processes: import of the handler, and its answer to ${asked[name]}; the start of Node is not in it`,
    },
  ]
}

/** Milliseconds until a new instance is there, and has answered an event. */
async function time(bundle: Deployment.Bundle, folder: string, handler: string, event?: unknown) {
  const lambda = Lambda.create({
    folder,
    handler,
    seconds: bundle.seconds,
    environment: {
      ...Object.fromEntries(Object.entries(local).filter(([name]) => name.startsWith("AWS_"))),
      ...bundle.environment,
      ORIGIN_KEY_HASH: createHash("sha256").update(key).digest("hex"),
    },
  })
  const initMs = await lambda.warm()
  const begun = performance.now()
  if (event !== undefined) await text(await lambda.invoke(event, { invokedFunctionArn }))
  const answeredMs = performance.now() - begun
  await lambda.close()
  return initMs + (event === undefined ? 0 : answeredMs)
}
