import { Actor } from "@remote-swe/core/actor"
import { Deliver } from "@remote-swe/core/deliver"
import { Session } from "@remote-swe/core/session"
import { afterEach, expect, test } from "vitest"
import { create } from "../../src/table/deliver.ts"
import { owner } from "../api/util.ts"

const got: string[] = []
let broken = ""
const deliverer: Deliver.Deliverer<string> = {
  name: "test",
  kinds: ["message"],
  plan(state, event) {
    // What breaks here is ours: it is not Slack's to refuse.
    if (event.sessionID === broken) throw new Error("A bug")
    return { state, acts: event.kind === "message" ? [event.text] : [] }
  },
  perform: async (act) => void got.push(act),
  explain: () => undefined,
}
const handle = create([deliverer])

afterEach(() => {
  broken = ""
  got.length = 0
})

async function begin(message: string) {
  const { id } = await Actor.provide(owner, () => Session.create({ message }))
  await Deliver.follow(deliverer, id, {})
  return id
}

const record = (sessionID: string, number: number, kind = "message") => ({
  dynamodb: {
    SequenceNumber: String(number),
    NewImage: { sessionID: { S: sessionID }, kind: { S: kind }, seq: { N: String(number) } },
  },
})

test("each session of a batch is delivered once, however many of its events are in it", async () => {
  const [one, other] = [await begin("one"), await begin("other")]
  const Records = [record(one, 1), record(other, 2), record(one, 3)]
  expect(await handle({ Records })).toEqual({ batchItemFailures: [] })
  expect(got.toSorted()).toEqual(["one", "other"])
  expect(await handle({ Records })).toEqual({ batchItemFailures: [] })
  expect(got).toHaveLength(2)
})

test("a session that breaks holds up no other, and the batch is taken up again where it stands first", async () => {
  const [one, two, three] = [await begin("one"), await begin("two"), await begin("three")]
  broken = two
  const Records = [record(one, 11), record(two, 12), record(three, 13), record(two, 14)]
  expect(await handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: "12" }] })
  expect(got.toSorted()).toEqual(["one", "three"])
})

test("a session that nobody follows, or that is gone, is no failure", async () => {
  const { id } = await Actor.provide(owner, () => Session.create({ message: "alone" }))
  const gone = await begin("gone")
  await Actor.provide(owner, () => Session.remove(gone))
  expect(await handle({ Records: [record(id, 1), record(gone, 2), {}] })).toEqual({ batchItemFailures: [] })
  expect(got).toEqual([])
})

test("a deliverer is asked whether it wants a session when something is said there, and hears it from then on", async () => {
  const { id } = await Actor.provide(owner, () => Session.create({ message: "one" }))
  const asked: string[] = []
  const inviting = create([
    {
      ...deliverer,
      name: "asks",
      invite: async (sessionID) => (asked.push(sessionID) > 1 ? { to: "her" } : undefined),
    },
  ])
  await inviting({ Records: [record(id, 1)] })
  await inviting({ Records: [record(id, 1, "turn")] })
  expect([asked, got]).toEqual([[id], []])
  const { seq } = await Actor.provide(owner, () => Session.send({ sessionID: id, message: "two" }))
  await inviting({ Records: [record(id, 1, "turn"), record(id, seq)] })
  await inviting({ Records: [record(id, seq)] })
  expect([asked, got]).toEqual([[id, id], ["two"]])
})

test("an event of a kind that no deliverer looks at wakes none", async () => {
  const id = await begin("one")
  expect(await handle({ Records: [record(id, 1, "result")] })).toEqual({ batchItemFailures: [] })
  expect(got).toEqual([])
  await handle({ Records: [record(id, 1, "result"), record(id, 2)] })
  expect(got).toEqual(["one"])
})
