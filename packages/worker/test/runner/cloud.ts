import { mkdtemp, rm } from "node:fs/promises"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Actor } from "@remote-swe/core/actor"
import type { Session } from "@remote-swe/core/session"
import { links, start as startServers } from "../../../core/test/cloud.ts"
import type { Egress } from "../../src/egress/index.ts"
import type { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import * as Broker from "./broker.ts"

export type Cloud = Awaited<ReturnType<typeof start>>

/** Who the installation is at which GitHub. */
interface Github {
  secrets: Record<string, string>
  settings?: { githubServerURL: string; githubAPIURL: string }
}
const token: Github = { secrets: { GithubToken: "none" } }

const owner: Actor.Info = { type: "user", userID: "owner", name: "Ada" }

interface Options {
  idleMs?: number
  github?: Github
  /** The hosts that commands may reach, and the internet in which they are. */
  egress?: { allowed: string[]; way: Egress.Way }
}

/** The real API on the embedded cloud, with a launcher that runs workers in this process. */
export async function start({ idleMs = 60_000, github = token, egress }: Options = {}) {
  const stopServers = await startServers()
  await links()
  const broker = await Broker.start()
  process.env["AWS_ENDPOINT_URL_IOT_DATA_PLANE"] = broker.http
  process.env["SST_RESOURCE_Realtime"] = JSON.stringify({ endpoint: broker.url, authorizer: "test" })
  for (const [name, value] of Object.entries(github.secrets))
    process.env[`SST_RESOURCE_${name}`] = JSON.stringify({ value })
  const own = { ...github.settings, idleMs, egress: egress?.allowed }
  const settings = { ...JSON.parse(process.env["SST_RESOURCE_Settings"] ?? "{}"), ...own }
  process.env["SST_RESOURCE_Settings"] = JSON.stringify(settings)
  // Only now: `sst` reads its links when it is first imported.
  const { serve } = await import("@hono/node-server")
  const { app } = await import("@remote-swe/functions/api")
  const core = {
    ...(await import("@remote-swe/core/actor")),
    ...(await import("@remote-swe/core/session")),
    ...(await import("@remote-swe/core/machine")),
    ...(await import("@remote-swe/core/file")),
    ...(await import("@remote-swe/core/diff")),
    ...(await import("@remote-swe/core/egress")),
    ...(await import("@remote-swe/core/client")),
  }
  const { assemble } = await import("../../src/assembly.ts")
  const { run } = await import("../../src/runner.ts")
  const { clock } = await import("../../src/clock.ts")

  const server = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server as Server))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const script = await Script.start()
  const folder = await mkdtemp(join(tmpdir(), "remote-swe-runner-"))
  const as = <Result>(work: () => Promise<Result>) => core.Actor.provide(owner, work)

  /** Claims the next generation of a session, as the launcher does. */
  async function claim(sessionID: string) {
    const system = <Result>(work: () => Promise<Result>) => core.Actor.provide({ type: "system" }, work)
    const before = await system(() => core.Machine.find(sessionID))
    const generation = (before?.generation ?? 0) + 1
    const claim = { sessionID, generation, before, failures: 0, turnID: undefined, now: Date.now() }
    const token = await system(() => core.Machine.claim(claim))
    if (!token) throw new Error("Somebody else has the generation")
    return { token, generation }
  }

  /** One generation of a session's worker, in this process; `done` settles when it has left. */
  async function worker(sessionID: string, tools: readonly Tool.Info[], model = script.url, protocol?: number) {
    const { token, generation } = await claim(sessionID)
    const leave = new AbortController()
    const config = {
      apiURL: url,
      sessionID,
      token,
      dir: join(folder, `${sessionID}-${generation}`),
      anthropic: { apiKey: "key", baseURL: model },
      host: undefined,
      refusals: undefined,
      sockets: undefined,
      github: { serverURL: undefined, apiURL: undefined },
    }
    const client = core.Client.worker({ url, token, ...(protocol !== undefined && { protocol }) })
    const assignment = client.session()
    const done = run({
      config,
      client,
      assignment,
      assembly: assemble(config, client, assignment, { kind: "none", ...egress }),
      tools,
      clock,
      version: "test",
      leave: leave.signal,
    })
    return { done, generation, leave: () => leave.abort() }
  }

  async function events(id: string) {
    const { items } = await as(() => core.Session.events({ id, limit: 1_000 }))
    return items
  }

  /** Resolves with the session when its log says so; asked again whenever the log grows. */
  async function until(id: string, isSo: (info: Session.Info) => boolean) {
    for (;;) {
      const info = await as(() => core.Session.fromID(id))
      if (isSo(info)) return info
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Paths that the session has changed, once there are any. */
  async function changes(id: string) {
    for (;;) {
      const { repositories } = await as(() => core.Diff.fromSession(id))
      const paths = repositories.flatMap(({ changes }) => changes.map(({ path }) => path))
      if (paths.length > 0) return paths
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Those of these files that the session still has. */
  async function having(id: string, files: readonly string[]) {
    const found = files.map(async (file) => ({ file, isThere: await as(() => core.File.isComplete(id, [file])) }))
    return (await Promise.all(found)).filter(({ isThere }) => isThere).map(({ file }) => file)
  }

  async function upload(name: string, type: string, bytes: Buffer) {
    const { file, upload } = await as(() => core.File.create({ name, type, size: bytes.byteLength }))
    await fetch(upload.url, { method: "PUT", headers: upload.headers, body: Uint8Array.from(bytes) })
    return file
  }

  return {
    ...{ upload, having, changes, url, script, broker, folder, worker, events, until },
    token: async (sessionID: string) => (await claim(sessionID)).token,
    async create(input: Parameters<typeof Session.create>[0]) {
      const session = await as(() => core.Session.create(input))
      await as(() => core.File.claim({ sessionID: session.id, files: input.files ?? [] }))
      return session
    },
    send: (sessionID: string, message: string) => as(() => core.Session.send({ sessionID, message })),
    allow: (sessionID: string, host: string, port: number) => as(() => core.Egress.allow({ sessionID, host, port })),
    stop: (id: string) => as(() => core.Session.stop(id)),
    async close() {
      await script.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await broker.close()
      await stopServers()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
