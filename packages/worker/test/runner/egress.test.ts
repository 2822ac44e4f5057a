import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Read } from "@remote-swe/core/log/schema"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { tools } from "../../src/tool/index.ts"
import { Script } from "../script/index.ts"
import { only, resultTexts } from "../util.ts"
import { type Cloud, start } from "./cloud.ts"

const { call, calls, text } = Script

const server = createServer((_, response) => response.end("out there\n"))
const way = { resolve: async () => ["127.0.0.1"], isOpen: () => true }
let port = 0
let cloud: Cloud

beforeAll(async () => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  port = (server.address() as AddressInfo).port
  cloud = await start({ egress: { allowed: [`a.example:${port}`], way } })
})
afterAll(async () => {
  await cloud.close()
  server.close()
})
afterEach(() => expect(cloud.script.faults).toEqual([]))

const bash = (command: string) => calls(call("bash", { command }))
const curl = (host: string) => bash(`curl -s http://${host}.example:${port}/`)
const atRest = ({ status }: { status: string }) => ["idle", "waiting", "failed"].includes(status)

/** Answers of the model to one message, from a worker of its own. */
async function answer(sessionID: string, ...steps: Script.Step[]) {
  cloud.script.push(...steps)
  const worker = await cloud.worker(sessionID, tools)
  await cloud.until(sessionID, (info) => atRest(info) && info.unread.length === 0)
  worker.leave()
  await worker.done
  return cloud.events(sessionID)
}

const lines = (events: readonly Read[]) => resultTexts(events).map((result) => result.split("\n").at(-1))

test("what a command is refused stands in the log, with its call, and in the result that the model reads", async () => {
  const { id } = await cloud.create({ message: "Look around." })
  const events = await answer(id, curl("a"), curl("b"), text("Done."))
  const [, refused] = only(events, "output").flatMap(({ content }) => content.filter((block) => block.type === "call"))
  const script = `curl -s http://b.example:${port}/`
  expect(only(events, "denial")).toMatchObject([
    { host: "b.example", port, why: "domain", commands: [{ script, callID: refused?.id }] },
  ])
  const [reached, kept] = resultTexts(events)
  expect(reached).toBe("out there")
  expect(kept).toMatch(new RegExp(`\\n\\[The network refused b.example:${port}: .*ask.\\]$`))
  const [request] = cloud.script.requests.slice(-3)
  expect(JSON.stringify(request?.system)).toContain(`Commands reach only these hosts`)
  expect(JSON.stringify(request?.system)).toContain(`a.example:${port}`)
})

test("what the user allows holds at once, the model hears of it, and later workers know it", async () => {
  const { id } = await cloud.create({ message: "Go on until you get it." })
  const again = bash(`until curl -s http://c.example:${port}/ | grep 'out there'; do sleep 0.05; done`)
  cloud.script.push(again, text("Got it."))
  const worker = await cloud.worker(id, tools)
  await vi.waitFor(async () => expect(only(await cloud.events(id), "denial")).toHaveLength(1), { timeout: 30_000 })
  await cloud.allow(id, "c.example", port)
  await cloud.until(id, (info) => info.last?.text === "Got it.")
  worker.leave()
  await worker.done
  const events = await cloud.events(id)
  expect(only(events, "denial")).toHaveLength(1)
  expect(lines(events)).toEqual([`[The user has allowed c.example:${port} meanwhile.]`])

  await cloud.send(id, "Once more.")
  const later = await answer(id, curl("c"), text("Again."))
  expect(resultTexts(later).at(-1)).toBe("out there")
  expect(only(later, "denial")).toHaveLength(1)
})

test("a turn has fifty refusals in its log, and then a number", async () => {
  const { id } = await cloud.create({ message: "Knock on every door." })
  const many = bash(`for n in $(seq 60); do echo url = http://n$n.example:${port}/; done | curl -sK - -o /dev/null`)
  const events = await answer(id, many, text("Done."))
  expect(only(events, "denial")).toHaveLength(50)
  const notices = only(events, "notice").filter(({ code }) => code === "egress.more")
  expect(notices).toMatchObject([{ text: expect.stringContaining(" 10 more hosts") }])
  expect(lines(events)[0]).toMatch(/ and 50 more: /)
})
