import { afterEach, expect, test, vi } from "vitest"
import { Key } from "../../src/key/index.ts"
import { KeyEntity } from "../../src/key/entity.ts"
import { as, owner, worker } from "../util.ts"

afterEach(() => vi.restoreAllMocks())

const create = (input: Parameters<typeof Key.create>[0]) => as(owner, () => Key.create(input))
const list = () => as(owner, () => Key.list())
const find = async (id: string) => (await list()).find((item) => item.id === id)
const at = (ms: number) => vi.spyOn(Date, "now").mockReturnValue(ms)

test("a key is shown once and kept as a hash", async () => {
  const { secret, ...info } = await create({ name: "ci" })
  expect(secret).toMatch(/^swe_k_[\w-]{43}$/)
  expect(await find(info.id)).toEqual(info)
  const stored = await KeyEntity.query.byAll({}).go({ pages: "all" })
  const text = JSON.stringify(stored.data)
  expect(text).not.toContain(secret)
  expect(text).not.toContain(secret.slice(16))
  expect(secret.startsWith(info.prefix)).toBe(true)
})

test("a key stands for itself, with its scope", async () => {
  const some = await create({ name: "some" })
  expect(await Key.authenticate(some.secret)).toEqual({ type: "key", keyID: some.id, name: "some" })
  const all = await create({ name: "all", scope: "full" })
  expect(await Key.authenticate(all.secret)).toEqual({ type: "key", keyID: all.id, name: "all", admin: true })
})

test("the last use is written at most once a minute", async () => {
  const { id, secret } = await create({ name: "used" })
  const start = Date.now()
  const used = async (ms: number) => {
    at(start + ms)
    await Key.authenticate(secret)
    return (await find(id))?.time.used
  }
  expect(await used(0)).toBe(start)
  expect(await used(59_000)).toBe(start)
  expect(await used(61_000)).toBe(start + 61_000)
})

test("a key that has ended, was removed or never was opens nothing", async () => {
  const { id, secret, time } = await create({ name: "short", days: 1 })
  await Key.authenticate(secret)
  at((time.expires ?? 0) + 1)
  await expect(Key.authenticate(secret)).rejects.toMatchObject({ kind: "unauthorized", code: "key.expired" })
  vi.restoreAllMocks()
  await as(owner, () => Key.remove(id))
  for (const wrong of [secret, `${secret}x`, secret.toLowerCase(), "", "swe_k_"])
    await expect(Key.authenticate(wrong)).rejects.toMatchObject({ kind: "unauthorized", code: "key.unknown" })
  await expect(as(owner, () => Key.remove(id))).rejects.toMatchObject({ kind: "missing" })
})

test("a key that somebody else chose is made once, and hardly shown", async () => {
  const ensure = () => as(owner, () => Key.ensure({ name: "Local", secret: "hunter2" }))
  const first = await ensure()
  expect(await ensure()).toEqual(first)
  expect(first.prefix).toBe("h")
  expect(await Key.authenticate("hunter2")).toMatchObject({ admin: true })
})

test("who may not manage keys does not", async () => {
  const key = { type: "key", keyID: (await create({ name: "a" })).id, name: "a" } as const
  for (const actor of [key, worker("ses_1"), { type: "public" } as const])
    await expect(as(actor, async () => Key.create({ name: "b" }))).rejects.toMatchObject({
      kind: actor.type === "public" ? "unauthorized" : "forbidden",
    })
  expect(await as({ ...key, admin: true }, () => Key.list())).not.toHaveLength(0)
})
