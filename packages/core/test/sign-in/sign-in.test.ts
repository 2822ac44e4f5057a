import { afterEach, expect, test, vi } from "vitest"
import { SignIn } from "../../src/sign-in/index.ts"
import { SignInEntity } from "../../src/sign-in/entity.ts"
import { hashOf } from "../../src/sign-in/store.ts"
import { as, owner, system } from "../util.ts"

afterEach(() => vi.restoreAllMocks())

const hour = 3_600_000
const ada: SignIn.Person = { userID: "ada", name: "Ada", email: "ada@example.com", role: "admin" }
const proof = (extra: Partial<SignIn.Proof> = {}): SignIn.Proof => ({
  person: ada,
  tokens: { refresh: "refresh-1", id: "id-1" },
  ends: Date.now() + hour,
  ...extra,
})
const create = (extra?: Partial<SignIn.Proof>) => as(system, () => SignIn.create(proof(extra)))
const at = (ms: number) => vi.spyOn(Date, "now").mockReturnValue(ms)
const later = (ms: number) => at(Date.now() + ms)

const never: SignIn.Ask = () => Promise.reject(new Error("The issuer was asked"))
const refuses: SignIn.Ask = async () => ({ type: "refused" })
const silent: SignIn.Ask = async () => ({ type: "silent" })

test("whoever has the secret is the person, and the table knows neither the secret nor the tokens", async () => {
  const secret = await create()
  expect(await SignIn.authenticate(secret, never)).toEqual(ada)
  expect(await SignIn.authenticate(`${secret}x`, never)).toBeUndefined()
  const stored = JSON.stringify((await SignInEntity.scan.go({ pages: "all" })).data)
  for (const text of [secret, "refresh-1", "id-1"]) expect(stored).not.toContain(text)
})

test("only the system makes one", async () => {
  await expect(as(owner, () => SignIn.create(proof()))).rejects.toThrow("may not do this")
})

test("one that was removed is worth nothing, and answers its tokens once", async () => {
  const secret = await create()
  expect(await SignIn.remove(secret)).toEqual({ refresh: "refresh-1", id: "id-1" })
  expect(await SignIn.remove(secret)).toBeUndefined()
  expect(await SignIn.authenticate(secret, never)).toBeUndefined()
})

test("the issuer is asked every quarter of an hour, and what it says then holds", async () => {
  const secret = await create()
  later(SignIn.checkMs)
  const member: SignIn.Person = { ...ada, name: "Ada L.", role: "member" }
  const asked: SignIn.Tokens[] = []
  const ask: SignIn.Ask = async (tokens) => {
    asked.push(tokens)
    return { type: "renewed", proof: proof({ person: member, tokens: { refresh: `refresh-${asked.length + 1}` } }) }
  }
  expect(await SignIn.authenticate(secret, ask)).toEqual(member)
  expect(await SignIn.authenticate(secret, never)).toEqual(member)
  later(SignIn.checkMs)
  await SignIn.authenticate(secret, ask)
  expect(asked).toEqual([{ refresh: "refresh-1", id: "id-1" }, { refresh: "refresh-2" }])
})

test("many requests at once ask it once", async () => {
  const secret = await create()
  later(2 * hour)
  let asked = 0
  const gate = Promise.withResolvers<void>()
  const ask: SignIn.Ask = async () => {
    asked++
    await gate.promise
    return { type: "renewed", proof: proof() }
  }
  const all = Promise.all(Array.from({ length: 20 }, () => SignIn.authenticate(secret, ask)))
  await vi.waitFor(() => expect(asked).toBe(1))
  gate.resolve()
  expect(await all).toEqual(Array.from({ length: 20 }, () => ada))
  expect(asked).toBe(1)
})

test("while another process asks, one that is due goes on and one that is overdue waits", async () => {
  const secret = await create()
  const hash = hashOf(secret)
  later(SignIn.checkMs)
  await SignInEntity.patch({ hash })
    .set({ leaseUntil: Date.now() + 10_000 })
    .go()
  expect(await SignIn.authenticate(secret, never)).toEqual(ada)
  const now = Date.now() + hour
  vi.restoreAllMocks()
  const clock = vi.spyOn(Date, "now").mockReturnValue(now)
  await SignInEntity.patch({ hash })
    .set({ leaseUntil: now + 10_000 })
    .go()
  const waiting = SignIn.authenticate(secret, never)
  await SignInEntity.patch({ hash })
    .set({ name: "Ada of the other process", checked: now, ends: now + hour })
    .go()
  expect((await waiting)?.name).toBe("Ada of the other process")
  clock.mockRestore()
})

test("one whom the issuer refuses is signed out for good", async () => {
  const secret = await create()
  later(SignIn.checkMs)
  expect(await SignIn.authenticate(secret, refuses)).toBeUndefined()
  expect(await SignIn.authenticate(secret, never)).toBeUndefined()
})

test("an issuer that is silent is borne for an hour, and the sign-in is good again after that", async () => {
  const secret = await create()
  const start = Date.now()
  at(start + SignIn.checkMs)
  expect(await SignIn.authenticate(secret, silent)).toEqual(ada)
  at(start + SignIn.checkMs + 1_000)
  expect(await SignIn.authenticate(secret, never)).toEqual(ada)
  at(start + hour)
  expect(await SignIn.authenticate(secret, silent)).toBeUndefined()
  at(start + hour + 20_000)
  expect(await SignIn.authenticate(secret, async () => ({ type: "renewed", proof: proof() }))).toEqual(ada)
})

test("one that is removed while the issuer is asked stays removed", async () => {
  const secret = await create()
  later(SignIn.checkMs)
  const answer = await SignIn.authenticate(secret, async () => {
    await SignIn.remove(secret)
    return { type: "renewed", proof: proof() }
  })
  expect(answer).toBeUndefined()
  expect(await SignIn.authenticate(secret, never)).toBeUndefined()
})

test("without a refresh token it ends with the id token, and after a month in any case", async () => {
  const secret = await create({ tokens: {} })
  const long = await create()
  later(hour)
  expect(await SignIn.authenticate(secret, never)).toBeUndefined()
  later(SignIn.lifeMs)
  expect(await SignIn.authenticate(long, never)).toBeUndefined()
})
