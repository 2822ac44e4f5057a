import { text } from "node:stream/consumers"
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam"
import { getRequestListener } from "@hono/node-server"
import { Client } from "@remote-swe/core/client"
import { Machine } from "@remote-swe/core/machine"
import { app } from "@remote-swe/functions/api"
import { parse } from "@remote-swe/worker/config"
import { equip } from "@remote-swe/worker/equip"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { stand } from "./links.ts"
import * as Metadata from "./metadata.ts"
import { create, machines, works, world } from "./util.ts"

/** The worker's own way to its token: metadata, signature, API, STS. moto checks signatures as STS does. */

const metadata = await Metadata.start()
const serve = getRequestListener(app.fetch)
/** Bodies of the proofs that were sent. */
const proofs: string[] = []
/** Changes a proof on its way. */
let meddle = (proof: object): object => proof
/** Headers that are sent with it. */
let extra: Record<string, string> = {}

beforeAll(async () => {
  stand.api.on("request", async (request, response) => {
    if (!request.url?.endsWith("/token")) return serve(request, response)
    const body = JSON.stringify(meddle(JSON.parse(await text(request))))
    proofs.push(body)
    const answer = await exchange(body)
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text())
  })
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] })
  const iam = new IAMClient()
  for (const RoleName of [stand.role, `another-${stand.stage}`])
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
})
afterEach(() => {
  meddle = (proof) => proof
  extra = {}
})
afterAll(() => {
  metadata.stop()
  stand.api.closeAllConnections()
  stand.api.close()
})

async function exchange(body: string) {
  const headers = { "content-type": "application/json", ...extra }
  return app.request("/api/v1/worker/token", { method: "POST", headers, body })
}

/** A session whose machine boots, and this process on it. */
async function boot() {
  const { id } = await create()
  await Machine.launch(id, world())
  const [machine] = await machines(id)
  await metadata.become(machine?.id ?? "", stand.role)
  return { id, machine: machine?.id ?? "" }
}

interface Change {
  environment?: Record<string, string>
  ageMs?: number
  /** What happens while the worker waits to ask again. */
  meanwhile?(): Promise<unknown>
}

/** What the worker starts with on the machine of a session; it asks once, and once more where something happens. */
function start(sessionID: string, { environment, ageMs = 0, meanwhile }: Change = {}) {
  let passed = -ageMs
  const given = parse({
    AWS_REGION: "us-east-1",
    REMOTE_SWE_API_URL: stand.apiURL,
    REMOTE_SWE_SESSION_ID: sessionID,
    REMOTE_SWE_GENERATION: "1",
    REMOTE_SWE_WORKER_DIR: "/worker",
    ...environment,
  })
  const clock = {
    now: () => Date.now() + passed,
    random: Math.random,
    async sleep(ms: number) {
      await meanwhile?.()
      passed += meanwhile ? ms : 3_600_000
    },
  }
  return equip(given, clock, new AbortController().signal)
}

const refused = { status: 403, code: "machine.identity" }

test("a machine proves what it is, and gets the session's token and the model's key", async () => {
  const { id } = await boot()
  const config = await start(id)
  expect(config.anthropic).toEqual({ apiKey: "a key that only tests use", baseURL: undefined })
  expect(await Machine.authenticate(config.token)).toEqual({ sessionID: id, generation: 1 })
  const session = await Client.worker({ url: stand.apiURL, token: config.token }).session()
  expect(session).toMatchObject({ generation: 1, session: { id } })
})

test("a token ends when the machine gets another", async () => {
  const { id } = await boot()
  const first = await start(id, { ageMs: 10_000 })
  const second = await start(id)
  await expect(Machine.authenticate(first.token)).rejects.toMatchObject({ kind: "unauthorized" })
  expect(await Machine.authenticate(second.token)).toEqual({ sessionID: id, generation: 1 })
})

test("a proof is good once", async () => {
  const { id } = await boot()
  const { token } = await start(id)
  expect((await exchange(proofs.at(-1) ?? "")).status).toBe(403)
  expect(await Machine.authenticate(token)).toMatchObject({ sessionID: id })
})

test("an Idempotency-Key brings no token back", async () => {
  const { id } = await boot()
  extra = { "idempotency-key": id }
  const { token } = await start(id)
  const again = await exchange(proofs.at(-1) ?? "")
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([403, null])
  expect(await again.text()).not.toContain(token)
})

test("a worker that comes before the launcher has written its machine down asks again", async () => {
  const { id } = await create()
  const it = world()
  const lagging = {
    ...it.provider,
    start: async (request: Machine.Start) => void (await it.provider.start(request)),
    describe: async () => ({ type: "absent" }) as const,
  }
  await Machine.launch(id, { ...it, provider: lagging })
  const [machine] = await machines(id)
  await metadata.become(machine?.id ?? "", stand.role)
  const config = await start(id, { meanwhile: () => Machine.launch(id, it) })
  expect(await Machine.authenticate(config.token)).toMatchObject({ sessionID: id })
})

test("once its worker has joined, the machine's role opens nothing more", async () => {
  const { id } = await boot()
  await start(id, { ageMs: 10_000 })
  await works(id, 1, "joined")
  await expect(start(id)).rejects.toMatchObject(refused)
})

test("a generation that ended gets nothing", async () => {
  const { id } = await boot()
  const it = world()
  it.pass(21 * 60_000)
  await Machine.launch(id, it)
  await expect(start(id)).rejects.toMatchObject(refused)
})

test("another machine of the same role is refused", async () => {
  const { id } = await boot()
  await boot()
  await expect(start(id)).rejects.toMatchObject(refused)
})

test("a proof for one session is worth nothing for another", async () => {
  const one = await boot()
  const { id } = await create()
  await Machine.launch(id, world())
  const [machine] = await machines(id)
  // Even the right machine: what it signed names the session.
  await metadata.become(machine?.id ?? "", stand.role)
  meddle = (proof) => ({ ...proof, sessionID: id })
  await expect(start(one.id)).rejects.toMatchObject(refused)
  meddle = (proof) => ({ ...proof, generation: 1 })
  await expect(start(id, { environment: { REMOTE_SWE_GENERATION: "2" } })).rejects.toMatchObject(refused)
})

test.each([
  ["another role", (machine: string) => metadata.become(machine, `another-${stand.stage}`)],
  ["the same role of another account", (machine: string) => metadata.become(machine, stand.role, "999999999999")],
  ["a name that only begins like the machine's", (machine: string) => metadata.become(`${machine}0`, stand.role)],
])("%s is refused", async (_, become) => {
  const { id, machine } = await boot()
  await become(machine)
  await expect(start(id)).rejects.toMatchObject(refused)
})

test.each([
  ["another API", { REMOTE_SWE_API_URL: stand.apiURL.replace("127.0.0.1", "localhost") }],
  ["another region, and so another host", { AWS_REGION: "eu-west-1" }],
])("a proof for %s is refused", async (_, environment) => {
  const { id } = await boot()
  await expect(start(id, { environment })).rejects.toMatchObject(refused)
})

test("a proof that is too old, or from the future, is refused before anybody is asked", async () => {
  const { id } = await boot()
  const before = stand.edge.calls("GetCallerIdentity").length
  await expect(start(id, { ageMs: 6 * 60_000 })).rejects.toMatchObject(refused)
  await expect(start(id, { ageMs: -6 * 60_000 })).rejects.toMatchObject(refused)
  expect(stand.edge.calls("GetCallerIdentity")).toHaveLength(before)
})

test.each([
  ["signature", "0".repeat(64)],
  ["securityToken", "another"],
  ["keyID", "ASIA000000000000000A"],
  ["date", undefined],
])("a forged %s is refused", async (name, value) => {
  const { id } = await boot()
  meddle = (proof) => ({
    ...proof,
    [name]: value ?? new Date(Date.now() - 60_000).toISOString().replace(/[-:]|[.]\d+/g, ""),
  })
  await expect(start(id)).rejects.toMatchObject(refused)
})

test.each([
  ["host", "evil.example.com"],
  ["url", "https://evil.example.com"],
  ["keyID", "AKIA0000000000000000/20260101/us-east-1/sts"],
  ["securityToken", "x\r\nhost: evil.example.com"],
  ["date", "99999999T999999Z\n"],
  ["signature", `${"0".repeat(64)}, x`],
  ["generation", 0],
])("a proof with %s = %j is no proof", async (name, value) => {
  const { id } = await boot()
  meddle = (proof) => ({ ...proof, [name]: value })
  await expect(start(id)).rejects.toMatchObject({ status: 400, code: "body.invalid" })
})
