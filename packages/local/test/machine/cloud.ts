import { randomBytes } from "node:crypto"
import { createServer, type RequestListener } from "node:http"
import path from "node:path"
import { getRequestListener } from "@hono/node-server"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import * as Broker from "../../src/cloud/broker.ts"
import * as Bucket from "../../src/cloud/bucket.ts"
import * as Cloud from "../../src/cloud/index.ts"
import * as Queue from "../../src/cloud/queue.ts"
import * as Table from "../../src/cloud/table.ts"
import { Config, set } from "../../src/config.ts"
import { close, listen } from "../../src/net.ts"
import { environment, names } from "../../src/resource.ts"

export const assumedRole = "arn:aws:sts::000000000000:assumed-role/Worker"

export interface Options {
  folder: string
  /** Everything of it is there; with port 0 at one that the system chooses. */
  address: { host: string; port: number }
  sts: string
  secrets: { github: string; model: string; api: string }
  model: string
  idleMs: number
  egress?: string | undefined
  /** What is at the same address beside the API, by how paths begin. */
  beside: Record<string, RequestListener>
}

/** The control plane as it is in the cloud, at one address: the API on the embedded servers, bucket and broker. */
export async function start(options: Options) {
  const { folder, secrets } = options
  const { host } = options.address
  const routes: [string, RequestListener][] = Object.entries(options.beside)
  const server = createServer((request, response) => {
    const [, listener] = routes.find(([prefix]) => request.url?.startsWith(prefix)) ?? []
    if (listener) return listener(request, response)
    response.writeHead(404).end()
  })
  const port = await listen(server, options.address)
  const origin = port === 80 ? `http://${host}` : `http://${host}:${port}`
  const keys = { id: Bucket.keyID, secret: randomBytes(20).toString("hex") }
  const queue = Queue.create()
  const table = await Table.open(path.join(folder, "table"), false)
  const broker = await Broker.create(async () => (await import("@remote-swe/functions/realtime/authorizer")).handler)
  const cloud = await Cloud.serve({ table, queue, broker, keys })
  const bucket = await Bucket.open(path.join(folder, "bucket"), names.bucket, keys)

  const config = Config.read({
    REMOTE_SWE_HOME: folder,
    LLM_PROVIDER: "anthropic",
    ANTHROPIC_API_KEY: secrets.model,
    GITHUB_TOKEN: secrets.github,
    GITHUB_SERVER_URL: `${origin}/github`,
    EGRESS_ALLOWED_DOMAINS: options.egress,
  })
  const key = () => randomBytes(32).toString("base64")
  const place = { origin, cloud: cloud.url, keys, realtimeKey: key(), cookieKey: key(), pushKey: "x" }
  const links: Record<string, string> = environment({ ...config, idleMs: options.idleMs }, place)
  const settings = {
    ...(JSON.parse(links["SST_RESOURCE_Settings"] ?? "{}") as object),
    anthropicBaseURL: options.model,
  }
  set({
    ...links,
    AWS_ENDPOINT_URL_STS: options.sts,
    SST_RESOURCE_Settings: JSON.stringify(settings),
    SST_RESOURCE_AnthropicApiKey: JSON.stringify({ value: secrets.model }),
    SST_RESOURCE_WorkerIdentity: JSON.stringify({ assumedRole }),
  })
  const client = new DynamoDBClient()
  await Table.create(client, names.table)
  client.destroy()

  // From here on `sst` may be imported.
  const parts = await import("../../src/parts.ts")
  await parts.admit(secrets.api)

  routes.push(["/api/v1", getRequestListener(parts.api)], [`/${names.bucket}`, bucket])
  server.on("upgrade", broker.upgrade)

  return {
    origin,
    queue,
    launcher: parts.launcher,
    world: parts.world,
    async close() {
      await queue.close()
      await close(server)
      await broker.close()
      await cloud.close()
      await table.close()
    },
  }
}
