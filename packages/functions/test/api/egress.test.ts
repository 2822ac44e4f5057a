import { Actor } from "@remote-swe/core/actor"
import { Client } from "@remote-swe/core/client"
import { Egress } from "@remote-swe/core/egress"
import { Resource } from "sst"
import { afterEach, beforeEach, expect, test } from "vitest"
import { app } from "../../src/api/app.ts"
import { append, call, event, join, key, missing, owner, workerToken } from "./util.ts"

beforeEach(() => void Object.assign(Resource.Settings, { egress: ["configured.example"] }))
afterEach(() => void Reflect.deleteProperty(Resource.Settings, "egress"))

async function session() {
  const secret = await key("sessions")
  const { json } = await call("POST", "/sessions", { key: secret, body: { message: "Hi" } })
  return { secret, id: json.id as string, path: `/sessions/${json.id}/egress` }
}

const assigned = async (token: string) => (await call("GET", "/worker/session", { key: token })).json

test("a key allows a host in one session, once however often it asks, and its worker is told", async () => {
  const { secret, id, path } = await session()
  const ask = () =>
    call("POST", path, { key: secret, body: { host: "example.com" }, headers: { "idempotency-key": "one" } })
  const first = await ask()
  expect(first).toMatchObject({ status: 200, json: { id, egress: [{ allowed: "example.com" }] } })
  expect((await ask()).text).toBe(first.text)
  expect(await assigned(await workerToken(id))).toMatchObject({
    policy: { egress: { allowed: ["configured.example"] } },
    session: { egress: [{ allowed: "example.com" }] },
  })
})

test("what is allowed always is in each assignment, is listed, and can be taken back with a key", async () => {
  const { secret, id } = await session()
  await Actor.provide(owner, () => Egress.allow({ sessionID: id, host: "example.org", port: 8443, always: true }))
  const other = await session()
  const allowed = async () => (await assigned(await workerToken(other.id))).policy.egress.allowed
  const { json } = await call("GET", "/egress", { key: secret })
  expect(json).toMatchObject({ configured: ["configured.example"], items: [{ allowed: "example.org:8443" }] })
  const remove = async (scope: "full" | "sessions") =>
    call("DELETE", `/egress/${json.items[0].id}`, { key: await key(scope) })
  expect(await remove("sessions")).toMatchObject({ status: 403, json: { code: "actor.forbidden" } })
  expect(await allowed()).toEqual(["configured.example", "example.org:8443"])
  expect(await remove("full")).toMatchObject({ status: 204, text: "" })
  expect(await remove("full")).toMatchObject({ status: 404, json: { code: "egress.missing" } })
  const { json: later } = await call("GET", "/egress", { key: secret })
  expect(later.items).toEqual([])
})

test("no key allows a host always, and a worker allows none by any way", async () => {
  const { id, path } = await session()
  for (const scope of ["full", "sessions"] as const)
    expect(
      await call("POST", path, { key: await key(scope), body: { host: "example.com", always: true } }),
    ).toMatchObject({ status: 403, json: { code: "actor.forbidden" } })
  const token = await workerToken(id)
  expect(await call("POST", path, { key: token, body: { host: "example.com" } })).toMatchObject({ status: 403 })
  const widen = { after: 2, events: [event({ kind: "setting", egress: { allowed: "example.com" } })] }
  await append(token, 1, [join(1)])
  expect(await call("POST", "/worker/events", { key: token, body: widen })).toMatchObject({
    status: 403,
    json: { code: "log.forbidden" },
  })
})

test("a worker says what was refused", async () => {
  const { secret, id } = await session()
  const commands = [{ script: "curl https://example.com", callID: "call_1" }]
  const denial = { kind: "denial", host: "example.com", port: 443, why: "domain", commands } as const
  await append(await workerToken(id), 1, [join(1), event(denial)])
  const { json } = await call("GET", `/sessions/${id}/events`, { key: secret })
  expect(json.items.at(-1)).toMatchObject(denial)
})

test.each([
  [{}, 400, "body.invalid"],
  [{ host: "" }, 400, "body.invalid"],
  [{ host: "example.com", port: 0 }, 400, "body.invalid"],
  [{ host: "example.com", ever: true }, 400, "body.invalid"],
  [{ host: "10.0.0.1" }, 400, "egress.host"],
  [{ host: "*.example.com" }, 400, "egress.host"],
  [{ host: "https://example.com/" }, 400, "egress.host"],
])("%o is refused", async (body, status, code) => {
  const { secret, path } = await session()
  expect(await call("POST", path, { key: secret, body })).toMatchObject({ status, json: { code } })
  expect(await call("POST", `/sessions/${missing("session")}/egress`, { key: secret, body })).not.toMatchObject({
    status: 200,
  })
})

test("where everything is allowed, each of these says so", async () => {
  Reflect.deleteProperty(Resource.Settings, "egress")
  const { id, path } = await session()
  const full = await key("full")
  for (const [method, where, body] of [
    ["POST", path, { host: "example.com" }],
    ["GET", "/egress", undefined],
    ["DELETE", `/egress/${missing("egress")}`, undefined],
  ] as const)
    expect(await call(method, where, { key: full, body })).toMatchObject({ status: 409, json: { code: "egress.open" } })
  expect((await assigned(await workerToken(id))).policy).not.toHaveProperty("egress")
})

test("programs do the same through the client", async () => {
  const { id } = await session()
  const ask: typeof fetch = async (input, init) => app.request(String(input), init)
  const client = Client.create({ url: "http://api.test", key: await key("full"), fetch: ask })
  expect((await client.allow(id, { host: "example.com" })).egress).toEqual([{ allowed: "example.com" }])
  expect((await client.egress()).configured).toEqual(["configured.example"])
  await expect(client.disallow(missing("egress"))).rejects.toMatchObject({ code: "egress.missing" })
})
