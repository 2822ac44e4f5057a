import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import type { Log } from "../../src/log/index.ts"
import { Machine } from "../../src/machine/index.ts"
import { Realtime } from "../../src/realtime/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, eventID, joined, note, owner, worker } from "../util.ts"

interface Event {
  seq: number
}
const sent: { topic: string; bytes: number; message: Event & { event: Event; following?: Event[] } }[] = []
const server = createServer(async (request, response) => {
  const body = await text(request)
  const topic = decodeURIComponent(request.url?.split("?")[0]?.slice("/topics/".length) ?? "")
  sent.push({ topic, bytes: Buffer.byteLength(body), message: JSON.parse(body) })
  response.end("{}")
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  process.env["AWS_ENDPOINT_URL_IOT_DATA_PLANE"] = `http://127.0.0.1:${port}`
})
afterAll(() => void server.close())

const work = (id: string, after: number, events: Log.Body[]) =>
  as(worker(id, 1), () => Session.work({ sessionID: id, generation: 1, after, events }))

test("events that are appended together are announced together, as far as the broker takes them", async () => {
  const { id } = await as(owner, () => Session.create({ message: "Fix the test" }))
  await work(id, 1, [joined()])
  sent.length = 0
  const long = Array.from({ length: 25 }, (_, index) => note(`${index} ${"x".repeat(7_000)}`))
  await work(id, 2, long)

  const announced = sent.filter(({ topic }) => topic.endsWith(`/session/${id}/events`))
  const seqs = announced.flatMap(({ message: { event, following = [] } }) =>
    [event, ...following].map(({ seq }) => seq),
  )
  expect(seqs.toSorted((a, b) => a - b)).toEqual(long.map((_, index) => index + 3))
  expect(announced).toHaveLength(2)
  for (const { message, bytes } of announced) {
    expect(bytes).toBeLessThanOrEqual(Realtime.maxBytes)
    expect(message.seq).toBe(message.event.seq)
  }
})

test("a worker that shows no sign of having heard of its work is told again, and given up if that doesn't help", async () => {
  const { id } = await as(owner, () => Session.create({ message: "Fix the test" }))
  let passed = 0
  const provider: Machine.Provider = {
    start: async () => undefined,
    describe: async () => ({ type: "alive" }),
    terminate: async () => undefined,
    list: async () => [],
  }
  const world = { provider, policy: Machine.policy(60_000), now: () => Date.now() + passed }
  const turnID = Identifier.create("turn")
  const turn = (turn: Log.BodyOf<"turn">["turn"]): Log.Body => ({ id: eventID(), kind: "turn", turn })
  await Machine.launch(id, world)
  await work(id, 1, [joined(), turn({ phase: "started", turnID, read: [1] })])
  await work(id, 3, [turn({ phase: "ended", turnID, outcome: "done" })])
  const { seq } = await as(owner, () => Session.send({ sessionID: id, message: "And the other one" }))
  sent.length = 0

  expect(await Machine.launch(id, world)).toEqual({ type: "nothing" })
  expect(sent).toEqual([])
  passed = 40_000
  expect(await Machine.launch(id, world)).toEqual({ type: "nudge", generation: 1 })
  expect(sent).toMatchObject([{ topic: expect.stringMatching(`/session/${id}/inbox$`), message: { head: seq } }])
  passed = 100_000
  await Machine.launch(id, world)
  const { items } = await as(owner, () => Session.events({ id }))
  expect(items.at(-1)).toMatchObject({ kind: "left", generation: 1, reason: "lost", detail: "silent" })
})
