import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Actor } from "@remote-swe/core/actor"
import { Machine } from "@remote-swe/core/machine"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { append, call, join, key, workerToken } from "./util.ts"

/** The API's part of a machine's proof. AWS's part is played here; `npm run test:aws` has signatures as well. */

const own = "arn:aws:sts::123456789012:assumed-role/WorkerRole"
/** Whom AWS knows by the signature of the next proof; nobody where it is empty. */
let known = ""
let asked: (string | undefined)[] = []

const sts = createServer((request, response) => {
  asked.push(request.headers.host)
  response.setHeader("content-type", "text/xml")
  if (!known) {
    const error = "<Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>No</Message></Error>"
    return response.writeHead(403).end(`<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`)
  }
  const result = `<GetCallerIdentityResult><Arn>${known}</Arn></GetCallerIdentityResult>`
  return response.end(`<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`)
})

beforeAll(async () => {
  await new Promise<void>((resolve) => sts.listen(0, "127.0.0.1", resolve))
  process.env["AWS_ENDPOINT_URL_STS"] = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
})
beforeEach(() => {
  known = `${own}/i-1`
  asked = []
})
afterAll(() => sts.close())

/** A session with a machine that boots, and its token at first. */
async function boot(instanceID = "i-1") {
  const { json } = await call("POST", "/sessions", { key: await key(), body: { message: "Fix it" } })
  const claimed = await workerToken(json.id)
  await Actor.provide({ type: "system" }, () =>
    Machine.place({ sessionID: json.id, generation: 1, instanceID, boot: "image" }),
  )
  return { id: json.id as string, claimed }
}

const stamp = (ageMs = 0) => new Date(Date.now() - ageMs).toISOString().replace(/[-:]|[.]\d+/g, "")
const prove = (sessionID: string, change: object = {}) =>
  call("POST", "/worker/token", {
    body: {
      sessionID,
      generation: 1,
      date: stamp(),
      keyID: "ASIA0123456789ABCDEF",
      securityToken: "token",
      signature: "0".repeat(64),
      ...change,
    },
  })

test("a machine that AWS knows by the launcher's name for it gets a token, and the one before ends", async () => {
  const { id, claimed } = await boot()
  const { status, json } = await prove(id)
  expect(status).toBe(200)
  expect(asked).toEqual(["sts.us-east-1.amazonaws.com"])
  expect((await call("GET", "/worker/session", { key: json.token })).json).toMatchObject({ session: { id } })
  expect((await call("GET", "/worker/session", { key: claimed })).status).toBe(401)
})

test.each([
  ["nobody", ""],
  ["another machine", `${own}/i-2`],
  ["another role", "arn:aws:sts::123456789012:assumed-role/AnotherWorkerRole/i-1"],
  ["another account", "arn:aws:sts::999999999999:assumed-role/WorkerRole/i-1"],
  ["a person", "arn:aws:iam::123456789012:user/i-1"],
])("whom AWS knows as %s is refused, and the token before stays", async (_, arn) => {
  const { id, claimed } = await boot()
  known = arn
  expect(await prove(id)).toMatchObject({ status: 403, json: { code: "machine.identity" } })
  expect((await call("GET", "/worker/session", { key: claimed })).status).toBe(200)
})

test("whoever is refused learns nothing: it is one answer, whatever is wrong", async () => {
  const { id } = await boot()
  const { json } = await call("POST", "/sessions", { key: await key(), body: { message: "Hi" } })
  const unplaced = json.id as string
  await workerToken(unplaced)
  known = ""
  const answers = [
    await prove(id),
    await prove(id, { generation: 2 }),
    await prove(id, { date: stamp(6 * 60_000) }),
    await prove(id, { date: "20269999T999999Z" }),
    await prove(unplaced),
    await prove("ses_01k9zzzzzzzzzzzzzzzzzzzzzz"),
  ]
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  // Only the first could have been somebody.
  expect(asked).toHaveLength(1)
})

test("a proof is good once, and none is when the worker has joined or its generation has ended", async () => {
  const { id } = await boot()
  const date = stamp(10_000)
  const { json } = await prove(id, { date })
  expect((await prove(id, { date })).status).toBe(403)
  expect((await prove(id, { date: stamp(20_000) })).status).toBe(403)
  await append(json.token, 1, [join(1)])
  expect((await prove(id)).status).toBe(403)
  const other = await boot()
  const end = { sessionID: other.id, generation: 1, reason: "boot", failures: 1, now: Date.now() } as const
  await Actor.provide({ type: "system" }, () => Machine.end(end))
  expect((await prove(other.id)).status).toBe(403)
})

test("the model's key is for workers, and for nobody else", async () => {
  const { claimed } = await boot()
  expect(await call("GET", "/worker/model-credential", { key: claimed })).toMatchObject({
    status: 200,
    json: { apiKey: "sk-only-in-tests" },
  })
  expect((await call("GET", "/worker/model-credential")).status).toBe(401)
  expect((await call("GET", "/worker/model-credential", { key: await key() })).status).toBe(403)
})
