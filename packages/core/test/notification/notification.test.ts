import { createECDH, randomBytes } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import type { Actor } from "../../src/actor/index.ts"
import { Deliver } from "../../src/deliver/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { Notification } from "../../src/notification/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, eventID, joined, system, worker } from "../util.ts"
import { browser, claims, type Push, serve } from "./service.ts"

let service: Awaited<ReturnType<typeof serve>>
let deliverer: ReturnType<typeof Notification.create>
let ann: Actor.Info & { type: "user" }
let now = 0

beforeAll(async () => {
  service = await serve()
  deliverer = Notification.create(service.post)
})
afterAll(() => service.close())
beforeEach(() => {
  service.got.length = 0
  now = Date.now()
  ann = { type: "user", userID: `ann-${randomBytes(6).toString("hex")}`, name: "Ann" }
})

const path = () => `/send/${randomBytes(6).toString("hex")}`
const open = () => browser(path())
const subscribe = (who: Actor.Info, at: ReturnType<typeof open>) =>
  as(who, () => Notification.subscribe(at.subscription))
const begin = (who: Actor.Info = ann) => as(who, () => Session.create({ message: "Fix the login", source: "web" }))
const run = (id: string, said?: number) =>
  as(system, () => Deliver.run([deliverer], id, { said, now: () => now, patienceMs: 0 }))
const cursors = (id: string) => Deliver.targetOf(deliverer, id)
const body = (at: ReturnType<typeof open>, push: Push | undefined) => push && at.read(push)

async function work(id: string, ...events: Log.Body[]) {
  const { head, generation } = await as(system, () => Session.fromID(id))
  const first = generation === 0 ? [joined()] : []
  await as(worker(id), () => Session.work({ sessionID: id, generation: 1, after: head, events: [...first, ...events] }))
}

const turnID = Identifier.create("turn")
const started: Log.Body = { id: eventID(), kind: "turn", turn: { phase: "started", turnID, read: [1] } }
const ended = (outcome: Log.Outcome, message = ""): Log.Body => ({
  id: eventID(),
  kind: "turn",
  turn: { phase: "ended", turnID, outcome, ...(message && { problem: { code: "x", message } }) },
})
const ask = (): Log.Body => ({
  ...{ id: eventID(), kind: "ask", askID: Identifier.create("ask"), type: "question" },
  ...{ text: "Which secret?", options: [] },
})
const pullRequest = (): Log.Body => ({
  id: eventID(),
  kind: "artifact",
  artifact: {
    ...{ type: "pull_request", repository: "a/b", host: "github", number: 12, title: "Fix", body: "code" },
    ...{ branch: "x", base: "main", commit: "abc", changes: [] },
  },
})

test("whoever started a session is told what they wait for, so that only their browser can read it", async () => {
  const here = open()
  await subscribe(ann, here)
  const { id } = await begin()
  await run(id, 1)
  await work(id, started, ask(), pullRequest(), ended("done"))
  await run(id)
  const told = service.got.map((push) => body(here, push))
  expect(told).toEqual(
    ["Has a question for you.", "Opened pull request #12.", "Finished."].map((text) => ({
      title: "Fix the login",
      body: text,
      path: `/session/${id}`,
      tag: expect.stringMatching(/^[\w-]{32}$/),
    })),
  )
  const [first] = service.got
  expect(first?.headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400", urgency: "high" })
  expect(service.got[2]?.headers["urgency"]).toBe("normal")
  expect(new Set(service.got.map((push) => push.headers["topic"])).size).toBe(1)
  const publicKey = await as(ann, async () => Notification.publicKey())
  expect(first && claims(first, publicKey)).toMatchObject({ aud: "https://push.example.com" })
  expect(JSON.stringify(told)).not.toMatch(/secret|code/)
})

test("what failed is told in the browser's language, and nothing of the reason", async () => {
  const here = open()
  here.subscription.language = "ja"
  await subscribe(ann, here)
  const { id } = await begin()
  await run(id, 1)
  await work(id, started, ended("failed", "the password is hunter2"))
  await run(id)
  expect(body(here, service.got[0])).toMatchObject({ body: expect.stringMatching(/^失敗しました/) })
})

test("what a person did themselves, or a question says already, is not told", async () => {
  await subscribe(ann, open())
  const { id } = await begin()
  await run(id, 1)
  await work(id, started, ended("stopped"))
  const { id: other } = await begin()
  await run(other, 1)
  await work(other, started, ended("waiting"))
  await run(id)
  await run(other)
  expect(service.got).toEqual([])
})

test("a session whose owner has no subscription is not followed, and is from the next message on once they have", async () => {
  const { id } = await begin()
  await run(id, 1)
  await work(id, started, ended("done"))
  await run(id)
  expect(await cursors(id)).toBeUndefined()
  const here = open()
  await subscribe(ann, here)
  await run(id)
  expect(await cursors(id)).toBeUndefined()
  const { seq } = await as(ann, () => Session.send({ sessionID: id, message: "And the logout", source: "web" }))
  await run(id, seq)
  expect(await cursors(id)).toEqual({ userID: ann.userID })
  expect(service.got).toEqual([])
})

test("a session of somebody else, of a key or of an agent is nobody's to be told of", async () => {
  await subscribe(ann, open())
  const key: Actor.Info = { type: "key", keyID: Identifier.create("key"), name: "CI" }
  const bob: Actor.Info = { type: "user", userID: "bob", name: "Bob" }
  const parent = await begin()
  const child = await as(ann, () => Session.create({ message: "A part", parentID: parent.id }))
  for (const { id } of [await begin(key), await begin(bob), child]) {
    await run(id, 1)
    expect(await cursors(id)).toBeUndefined()
  }
})

test.each([404, 410])("a browser that is gone (%s) is forgotten, and the others are told", async (status) => {
  const [gone, here] = [open(), open()]
  await subscribe(ann, gone)
  await subscribe(ann, here)
  const { id } = await begin()
  await run(id, 1)
  service.answer(gone.path, [{ status }])
  await work(id, started, ended("done"))
  await run(id)
  expect(service.got.map((push) => push.path)).toEqual([here.path])
  expect(await as(ann, () => Notification.list())).toHaveLength(1)
  expect(await as(ann, () => Notification.isSubscribed(gone.subscription.endpoint))).toBe(false)
})

test("a service that is busy is asked again when it says, and whoever knows already is left in peace", async () => {
  const [busy, here] = [open(), open()]
  await subscribe(ann, busy)
  await subscribe(ann, here)
  const { id } = await begin()
  await run(id, 1)
  service.answer(busy.path, [{ status: 429, headers: { "retry-after": "60" } }, { status: 503 }])
  await work(id, started, ended("done"))
  await run(id)
  expect(service.got.map((push) => push.path)).toEqual([here.path])
  now += 59_000
  await run(id)
  now += 2_000
  await run(id)
  now += 60_000
  await as(system, () => Deliver.sweep([deliverer], { now: () => now }))
  expect(service.got.map((push) => push.path)).toEqual([here.path, busy.path])
})

test("a service that refuses is not asked again, and the session says so", async () => {
  const here = open()
  await subscribe(ann, here)
  const { id } = await begin()
  await run(id, 1)
  service.answer(here.path, [{ status: 413 }])
  await work(id, started, ended("done"))
  await run(id)
  await run(id)
  expect(service.got).toEqual([])
  const notices = (await Log.tail(id, 0)).flatMap((event) => (event.kind === "notice" ? [event.code] : []))
  expect(notices).toEqual(["push.undelivered"])
})

test("a browser tells one person, and stops when they say so", async () => {
  const here = open()
  const bob: Actor.Info = { type: "user", userID: `bob-${ann.userID}`, name: "Bob" }
  const { endpoint } = here.subscription
  await subscribe(ann, here)
  await subscribe(bob, here)
  expect(await as(ann, () => Notification.list())).toEqual([])
  await as(ann, () => Notification.unsubscribe(endpoint))
  expect(await as(bob, () => Notification.isSubscribed(endpoint))).toBe(true)
  await as(bob, () => Notification.unsubscribe(endpoint))
  expect(await as(bob, () => Notification.list())).toEqual([])
})

test("the oldest browsers make room", async () => {
  const first = open()
  await subscribe(ann, first)
  for (let count = 0; count < 20; count++) await subscribe(ann, open())
  expect(await as(ann, () => Notification.list())).toHaveLength(20)
  expect(await as(ann, () => Notification.isSubscribed(first.subscription.endpoint))).toBe(false)
})

test("only a person who signed in subscribes, and only with what a browser has", async () => {
  const { subscription } = open()
  const key: Actor.Info = { type: "key", keyID: Identifier.create("key"), name: "CI", admin: true }
  for (const who of [key, worker(Identifier.create("session")), { type: "public" } as const])
    await expect(as(who, async () => Notification.subscribe(subscription))).rejects.toThrow(/person|worker|Sign in/)
  const off = Buffer.from(createECDH("prime256v1").generateKeys()).fill(7, 1, 9).toString("base64url")
  await expect(as(ann, async () => Notification.subscribe({ ...subscription, p256dh: off }))).rejects.toThrow(
    /public key/,
  )
  for (const endpoint of [
    "http://push.example.com/1",
    "https://push.example.com:8443/1",
    "https://ann:pw@push.example.com/1",
    "https://127.0.0.1/1",
    "https://0x7f000001/1",
    "https://[::1]/1",
    "https://localhost/1",
    "https://metadata.google.internal/1",
    "https://router.local/1",
    "https://intranet/1",
    "file:///etc/passwd",
  ])
    await expect(as(ann, async () => Notification.subscribe({ ...subscription, endpoint }))).rejects.toThrow(
      /public push/,
    )
})

test("a name that leads to this machine is not connected to", async () => {
  const letter = { endpoint: "https://localhost:1/", headers: {}, body: Buffer.from("") }
  await expect(Notification.post(letter)).rejects.toThrow("not a public host")
})
