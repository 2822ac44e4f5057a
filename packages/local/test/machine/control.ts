import { createHash, randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { Client } from "@remote-swe/core/client"
import type { Machine } from "@remote-swe/core/machine"
import { Script } from "@remote-swe/worker/script"
import * as Metadata from "../../../../worker-ami/test/metadata.ts"
import { verify } from "../../src/cloud/signature.ts"
import * as Sts from "../sts.ts"
import * as Cloud from "./cloud.ts"
import * as Github from "./github.ts"
import type { Order, Report, Said, Task } from "../../../../worker-ami/test/message.ts"

/**
 * The world around one machine, as a program that runs in that world's network: the metadata address, and the
 * address at which everything else is. It gives the machine a session, has it do tasks one after the other, and
 * tells in the end what happened. Its parent boots the machine and says when it is off.
 */

const [metadataHost = "", host = "", bundle = "", idle = "2000", given = "{}"] = process.argv.slice(2)
/** What user data says besides. */
const settings = JSON.parse(given) as Record<string, string>
const folder = await mkdtemp(path.join(os.tmpdir(), "swe-control-"))
const secret = (prefix: string) => `${prefix}${randomBytes(20).toString("hex")}`
const secrets = { github: secret("ghs_"), model: secret("sk-ant-"), api: secret("swe_k_"), role: secret("role") }
const role = { id: `ASIA${randomBytes(8).toString("hex")}`, secret: secrets.role }
const instanceID = "i-00000000000000001"

const program = await readFile(bundle)
const sts = await Sts.serve((request) => (verify(request, role) ? `${Cloud.assumedRole}/${instanceID}` : undefined))
const model = await Script.start({ host })
const github = Github.create(folder, secrets.github)
const metadata = await Metadata.start({ address: { host: metadataHost, port: 80 }, pages: {} })
const logs = await Metadata.start({ pages: {}, address: { host, port: 8_081 } })
const cloud = await Cloud.start({
  folder,
  address: { host, port: 80 },
  sts: sts.url,
  secrets,
  model: model.url,
  idleMs: Number(idle),
  egress: settings["EGRESS_ALLOWED_DOMAINS"],
  beside: {
    "/github/": github.answer,
    "/bundle": (_, response) => void response.end(program),
  },
})
const api = Client.create({ url: `${cloud.origin}/api/v1`, key: secrets.api })

let started = false

/** EC2, for one machine. */
const provider: Machine.Provider = {
  async start({ sessionID, generation }) {
    if (started) throw new Error("There is one machine, and it was started")
    started = true
    give(sessionID, generation)
    tell({ type: "boot", logs: logs.url })
    return { instanceID, boot: "image" }
  },
  describe: async () => (started ? { type: "alive", instanceID } : { type: "absent" }),
  terminate: async () => undefined,
  list: async () => [],
}

/** What EC2 tells the machine about itself. */
function give(sessionID: string, generation: number) {
  const data = {
    AWS_REGION: "us-east-1",
    REMOTE_SWE_API_URL: `${cloud.origin}/api/v1`,
    REMOTE_SWE_SESSION_ID: sessionID,
    REMOTE_SWE_GENERATION: generation,
    REMOTE_SWE_LOG_GROUP: "/swe/test/worker",
    REMOTE_SWE_BUNDLE_URL: `${cloud.origin}/bundle`,
    REMOTE_SWE_BUNDLE_SHA256: createHash("sha256").update(program).digest("hex"),
    GITHUB_SERVER_URL: `${cloud.origin}/github`,
    GITHUB_API_URL: `${cloud.origin}/github/api/v3`,
    ...settings,
  }
  const Expiration = new Date(Date.now() + 3_600_000).toISOString()
  const answer = { Code: "Success", Type: "AWS-HMAC", AccessKeyId: role.id, SecretAccessKey: role.secret, Expiration }
  Object.assign(metadata.pages, {
    "latest/user-data": Object.entries(data)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    "latest/meta-data/instance-life-cycle": "on-demand",
    "latest/meta-data/iam/security-credentials/": "worker",
    "latest/meta-data/iam/security-credentials/worker": JSON.stringify({ ...answer, Token: "a-security-token" }),
  })
}

const world = cloud.world(provider, Number(idle))
cloud.queue.subscribe(cloud.launcher(world))

/** Has the model make the calls of a task, one in each answer. */
function prepare({ calls, stop }: Task) {
  for (const { id, name, input } of calls) model.push(Script.calls(Script.call(name, input, id)))
  if (!stop) model.push(Script.text("Done."))
}

async function work(tasks: readonly Task[]) {
  const [first, ...rest] = tasks
  if (!first) throw new Error("There is nothing to do")
  prepare(first)
  const { id } = await api.create({ message: first.message, repository: github.repository })
  const waiting = [...rest]
  let current = first
  for await (const event of api.stream(id)) {
    tell({ type: "event", event })
    if (event.kind === "left") return id
    const isLast =
      event.kind === "output" && event.content.some((block) => "id" in block && block.id === current.calls.at(-1)?.id)
    if (isLast && current.stop) await api.stop(id)
    if (event.kind !== "turn" || event.turn.phase !== "ended") continue
    const next = waiting.shift()
    if (!next) continue
    current = next
    prepare(next)
    await api.send(id, { message: next.message })
  }
  throw new Error("The session ended before its worker left")
}

async function report(id: string): Promise<Report> {
  const { items } = await api.events(id, { limit: 1_000 })
  const events = await Promise.all(items.map(({ seq }) => api.event(id, seq)))
  const { faults, requests } = model
  const told = { events, faults, logs: logs.calls.map(({ target, body }) => ({ target, body })), pulls: github.pulls }
  const seen = JSON.stringify([told, requests]) + github.everything()
  const leaks = Object.entries(secrets).flatMap(([name, value]) => (seen.includes(value) ? [name] : []))
  return { ...told, leaks, refs: github.refs() }
}

const tell = (said: Said) => void process.send?.(said)

process.once("message", (order: Order) => {
  work(order.tasks).then(
    async (id) => tell({ type: "report", report: await report(id) }),
    (error: unknown) => tell({ type: "failed", why: error instanceof Error ? String(error.stack) : String(error) }),
  )
})
process.on("disconnect", async () => {
  await Promise.all([cloud.close(), metadata.close(), logs.close(), model.close(), sts.close()])
  await rm(folder, { recursive: true, force: true })
  process.exit()
})
tell({ type: "ready" })
