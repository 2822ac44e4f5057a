import { Resource } from "sst"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Actor } from "../../src/actor/index.ts"
import { Egress } from "../../src/egress/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Session } from "../../src/session/index.ts"
import { as, owner, system, worker } from "../util.ts"

const member: Actor.Info = { type: "user", userID: "m", name: "Mia" }
const key: Actor.Info = { type: "key", keyID: Identifier.create("key"), name: "ci" }
const fullKey: Actor.Info = { ...key, admin: true }
const trigger: Actor.Info = { type: "trigger", triggerID: Identifier.create("trigger"), name: "nightly" }

const close = (egress: string[]) => Object.assign(Resource.Settings, { egress })
const open = () => Reflect.deleteProperty(Resource.Settings, "egress")

beforeEach(() => close(["configured.example"]))
afterEach(async () => {
  close([])
  const { items } = await as(owner, () => Egress.list())
  for (const { id } of items) await as(owner, () => Egress.remove(id))
  open()
})

const create = () => as(owner, () => Session.create({ message: "Hi" }))
const allow = (actor: Actor.Info, input: Parameters<typeof Egress.allow>[0]) => as(actor, () => Egress.allow(input))
const policy = (id: string) => as(worker(id), () => Egress.policy(id))
const forbidden = { kind: "forbidden", code: "actor.forbidden" }

test("a host is allowed in one session, and stands in its log", async () => {
  const { id } = await create()
  const other = await create()
  await allow(member, { sessionID: id, host: "Example.COM." })
  const info = await allow(key, { sessionID: id, host: "example.com", port: 8443 })
  expect(info.egress).toEqual([{ allowed: "example.com" }, { allowed: "example.com:8443" }])
  const { items } = await as(owner, () => Session.events({ id }))
  expect(items.at(-2)).toMatchObject({ kind: "setting", egress: { allowed: "example.com" }, actor: member })
  expect((await as(owner, () => Session.fromID(other.id))).egress).toBeUndefined()
  expect(await policy(id)).toEqual({ allowed: ["configured.example"] })
})

test("a host that an admin allows always is allowed to all sessions, until it is removed", async () => {
  const { id } = await create()
  const other = await create()
  const info = await allow(owner, { sessionID: id, host: "example.com", always: true })
  expect(info.egress).toEqual([{ allowed: "example.com", always: true }])
  expect(await policy(other.id)).toEqual({ allowed: ["configured.example", "example.com"] })
  const { configured, items } = await as(member, () => Egress.list())
  expect(configured).toEqual(["configured.example"])
  expect(items).toMatchObject([{ allowed: "example.com", creator: "Ada" }])
  await as(fullKey, () => Egress.remove(items[0]?.id ?? ""))
  expect(await policy(other.id)).toEqual({ allowed: ["configured.example"] })
  await expect(as(owner, () => Egress.remove(items[0]?.id ?? ""))).rejects.toMatchObject({ kind: "missing" })
})

test("allowing again changes nothing, also when many do it at once", async () => {
  const { id } = await create()
  const again = (always: boolean) => allow(owner, { sessionID: id, host: "example.com", always })
  await again(false)
  await Promise.all(Array.from({ length: 5 }, () => again(true)))
  const { head } = await again(true)
  await again(false)
  expect((await as(owner, () => Session.fromID(id))).head).toBe(head)
  expect((await as(owner, () => Egress.list())).items).toHaveLength(1)
})

test.each([
  ["a worker", (id: string) => worker(id), false],
  ["a trigger", () => trigger, false],
  ["a member, always,", () => member, true],
  ["a key, always,", () => key, true],
  ["a key that manages keys, always,", () => fullKey, true],
  ["the system, always,", () => system, true],
])("%s may not allow a host", async (_, actor, always) => {
  const { id } = await create()
  await expect(allow(actor(id), { sessionID: id, host: "example.com", always })).rejects.toMatchObject(forbidden)
  expect((await as(owner, () => Session.fromID(id))).egress).toBeUndefined()
  expect((await as(owner, () => Egress.list())).items).toEqual([])
})

test("nobody but who manages keys takes a host back, and a worker sees none", async () => {
  const { id } = await create()
  await allow(owner, { sessionID: id, host: "example.com", always: true })
  const { items } = await as(key, () => Egress.list())
  const remove = () => Egress.remove(items[0]?.id ?? "")
  for (const actor of [member, key, trigger, worker(id)])
    await expect(as(actor, async () => remove())).rejects.toMatchObject(forbidden)
  await expect(as(worker(id), () => Egress.list())).rejects.toMatchObject(forbidden)
})

test.each([
  "10.0.0.1",
  "2130706433",
  "::1",
  "localhost",
  "*.example.com",
  "example.com:80",
  "https://example.com",
  "a b",
])("%s is no host that can be allowed", async (host) => {
  const { id } = await create()
  for (const always of [false, true])
    await expect(allow(owner, { sessionID: id, host, always })).rejects.toMatchObject({
      kind: "input",
      code: "egress.host",
    })
})

test("a session is allowed a hundred hosts and no more", async () => {
  const { id } = await create()
  for (let index = 0; index < 100; index++) await allow(owner, { sessionID: id, host: `h${index}.example` })
  await expect(allow(owner, { sessionID: id, host: "one.too.many" })).rejects.toMatchObject({ kind: "limit" })
  await allow(owner, { sessionID: id, host: "h5.example" })
})

test("where everything is allowed there is nothing to allow", async () => {
  const { id } = await create()
  open()
  const problem = { kind: "conflict", code: "egress.open", message: expect.stringContaining("EGRESS_ALLOWED_DOMAINS") }
  await expect(allow(owner, { sessionID: id, host: "example.com" })).rejects.toMatchObject(problem)
  await expect(as(owner, () => Egress.list())).rejects.toMatchObject(problem)
  await expect(as(owner, () => Egress.remove(Identifier.create("egress")))).rejects.toMatchObject(problem)
  expect(await policy(id)).toBeUndefined()
  close([])
})
