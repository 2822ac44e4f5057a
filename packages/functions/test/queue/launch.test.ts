import { Actor } from "@remote-swe/core/actor"
import { Session } from "@remote-swe/core/session"
import { expect, test } from "vitest"
import * as Launch from "../../src/queue/launch.ts"
import { owner } from "../api/util.ts"
import { world } from "../world.ts"

const create = () => Actor.provide(owner, () => Session.create({ message: "Fix it" }))
const batch = (...bodies: string[]) => ({ Records: bodies.map((body, index) => ({ messageId: `${index}`, body })) })
const wake = (sessionID: string) => JSON.stringify({ sessionID })

test("every session of a batch gets its machine, and once however often it is named", async () => {
  const it = world()
  const [a, b] = await Promise.all([create(), create()])
  const handler = Launch.create(it)
  expect(await handler(batch(wake(a.id), wake(b.id), wake(a.id)))).toEqual({ batchItemFailures: [] })
  expect(await handler(batch(wake(b.id)))).toEqual({ batchItemFailures: [] })
  expect(it.of(a.id)).toEqual([1])
  expect(it.of(b.id)).toEqual([1])
})

test("a message that cannot be handled comes back alone, and holds up no other", async () => {
  const it = world()
  const { id } = await create()
  const answer = await Launch.create(it)(batch("not JSON", wake(id), JSON.stringify({ sessionID: "nobody" })))
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "0" }, { itemIdentifier: "2" }] })
  expect(it.of(id)).toEqual([1])
})

test("a session that is gone needs nothing", async () => {
  const it = world()
  expect(await Launch.create(it)(batch(wake("ses_01k9zzzzzzzzzzzzzzzzzzzzzz")))).toEqual({ batchItemFailures: [] })
  expect(it.started).toEqual([])
})
