import { afterAll, beforeAll, expect, test } from "vitest"
import { Script } from "../script/index.ts"
import { Echo, only } from "../util.ts"
import { type Cloud, start } from "./cloud.ts"

let cloud: Cloud

beforeAll(async () => {
  cloud = await start({ idleMs: 50 })
})
afterAll(() => cloud.close())

const { text } = Script

test("a worker that has had nothing to do for long enough leaves, and the next message starts another", async () => {
  const session = await cloud.create({ message: "Hello." })
  cloud.script.push(text("Hi."), text("Hi again."))
  const first = await cloud.worker(session.id, [Echo])
  await first.done
  expect(only(await cloud.events(session.id), "left")).toMatchObject([{ reason: "idle", generation: 1 }])
  await cloud.send(session.id, "Hello again.")
  const second = await cloud.worker(session.id, [Echo])
  await second.done
  expect(only(await cloud.events(session.id), "left")).toMatchObject([{ generation: 1 }, { generation: 2 }])
  expect(cloud.script.faults).toEqual([])
})

test("a message that comes in as the worker is about to leave is answered before it does", async () => {
  const session = await cloud.create({ message: "First." })
  const other = await Script.start({ otherwise: text("Yes.") })
  const worker = await cloud.worker(session.id, [Echo], other.url)
  let left = false
  void worker.done.then(() => {
    left = true
  })
  for (let number = 0; !left && number < 100; number++) {
    await cloud.send(session.id, `Message ${number}.`)
    await cloud.until(session.id, (info) => info.unread.length === 0 || info.worker.type === "none")
  }
  await worker.done
  const events = await cloud.events(session.id)
  const end = events.findIndex((event) => event.kind === "left")
  const read = events.flatMap((event) => {
    if (event.kind === "output") return event.read
    return event.kind === "turn" && event.turn.phase === "started" ? event.turn.read : []
  })
  const said = only(events.slice(0, end), "message").map((event) => event.seq)
  expect(read.toSorted((a, b) => a - b)).toEqual(said)
  await other.close()
})

test("without a broker the worker is told as well, only later", async () => {
  await cloud.broker.close()
  const session = await cloud.create({ message: "Wait for ever." })
  const { tools } = await import("../../src/tool/index.ts")
  cloud.script.push(Script.calls(Script.call("bash", { command: "sleep 1000" })))
  const worker = await cloud.worker(session.id, tools)
  await cloud.until(session.id, (info) => info.usage.calls === 1)
  await cloud.stop(session.id)
  await worker.done
  const events = await cloud.events(session.id)
  expect(only(events, "turn").at(-1)?.turn).toMatchObject({ phase: "ended", outcome: "stopped" })
})
