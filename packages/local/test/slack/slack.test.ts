import { mkdir } from "node:fs/promises"
import path from "node:path"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, expect, test } from "vitest"
import { WebSocketServer } from "ws"
import { Fake } from "../../../slack/test/fake/index.ts"
import { call, calls, Script, text } from "../../../worker/test/script/index.ts"
import { folder, start, type System } from "../system.ts"

/** The whole way: Slack, the local system as a person starts it, a worker, a scripted model, and back. */

let home: Awaited<ReturnType<typeof folder>>
let slack: Fake.Server
let model: Awaited<ReturnType<typeof Script.start>>
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  home = await folder()
  await mkdir(path.join(home.path, "tmp"))
  slack = await Fake.start()
  model = await Script.start({ otherwise: text("Done.") })
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await Promise.all([slack.close(), model.close()])
  await home.remove()
})

async function boot(more: NodeJS.ProcessEnv = {}) {
  const system = await start({
    home: path.join(home.path, "home"),
    env: {
      TMPDIR: path.join(home.path, "tmp"),
      ...{ LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url },
      ...{ SLACK_BOT_TOKEN: Fake.botToken, SLACK_SIGNING_SECRET: Fake.signingSecret, SLACK_API_URL: slack.url },
      ...more,
    },
  })
  ends.push(() => system.end("SIGKILL"))
  return system
}

/** Slack knocks, by a tunnel. */
async function knock({ port }: System, payload: object, more: Parameters<typeof Fake.sign>[1] = {}, retry?: number) {
  const { body, headers } = Fake.sign(payload, more)
  const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: "POST",
    body,
    headers: { ...headers, ...(retry && { "x-slack-retry-num": String(retry) }) },
  })
  return { status: response.status, text: await response.text() }
}

const said = (ts: string, wanted: string) => slack.when(() => slack.texts(ts).some((text) => text.includes(wanted)))

test("a mention becomes a session, its answers come back, and replies go on", async () => {
  const system = await boot()
  model.push(calls(call("message_user", { text: "Reading *the* code" })), text("The answer is **42**."))
  const ts = slack.next()
  expect((await knock(system, Fake.event({ text: Fake.mention("What is it?"), ts }))).status).toBe(200)
  await said(ts, "*42*")
  await slack.when(() => slack.marks(ts).includes("white_check_mark"))
  expect(slack.texts(ts)).toEqual([
    expect.stringContaining("On it."),
    expect.stringContaining("Reading _the_ code"),
    "The answer is *42*.",
  ])
  model.push(text("Because."))
  const reply = Fake.event({ text: "Why?", ts: slack.next(), thread_ts: ts, type: "message" })
  await knock(system, reply)
  await knock(system, reply, {}, 1)
  await said(ts, "Because.")
  const { items } = await system.api.list()
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({ title: "What is it?" })
  expect(slack.faults).toEqual([])
  expect(model.faults).toEqual([])
  await system.end("SIGTERM")
})

test("what Slack said is not lost with the system, whenever that is killed", async () => {
  const system = await boot()
  // The bot cannot find out who it is, so what it heard waits; the system is killed meanwhile.
  slack.fate("auth.test", { status: 503 })
  const ts = slack.next()
  expect((await knock(system, Fake.event({ text: Fake.mention("Keep me"), ts }))).status).toBe(200)
  await slack.when(() => slack.calls.some((call) => call.method === "auth.test"))
  await system.end("SIGKILL")

  model.push(text("Forty-two."))
  const second = await boot()
  await said(ts, "Forty-two.")
  await slack.when(() => slack.marks(ts).includes("white_check_mark"))
  expect(slack.texts(ts)).toEqual([expect.stringContaining("On it."), "Forty-two."])
  expect((await second.api.list()).items).toHaveLength(1)
  expect(slack.faults).toEqual([])
  await second.end("SIGTERM")
})

test("a rate limit delays what is told, and loses nothing", async () => {
  slack.fate("chat.postMessage", { status: 429, headers: { "retry-after": "1" } })
  slack.fate("reactions.add", { status: 429, headers: { "retry-after": "1" } })
  const system = await boot()
  model.push(text("Forty-two."))
  const ts = slack.next()
  await knock(system, Fake.event({ text: Fake.mention("Hurry"), ts }))
  await said(ts, "Forty-two.")
  expect(slack.texts(ts)).toEqual([expect.stringContaining("On it."), "Forty-two."])
  await system.end("SIGTERM")
})

test("strangers are told to go, at the port and in the thread", async () => {
  const system = await boot({ SLACK_ADMIN_USER_ID_LIST: "U0BOSS" })
  const ts = slack.next()
  const event = Fake.event({ text: Fake.mention("Hi"), ts })
  expect((await knock(system, event, { secret: "guessed" })).status).toBe(401)
  expect((await knock(system, event, { at: Date.now() - 600_000 })).status).toBe(401)
  expect((await fetch(`${system.url}/slack/events`)).status).toBe(405)
  expect((await knock(system, event)).status).toBe(200)
  await said(ts, "You may not give me tasks")
  expect((await system.api.list()).items).toEqual([])
  await system.end("SIGTERM")
})

test("without Slack there is no such door, and half of its settings is refused", async () => {
  const system = await boot({ SLACK_BOT_TOKEN: "", SLACK_SIGNING_SECRET: "" })
  const { status } = await knock(system, Fake.event({ text: "", ts: "1.2" }))
  expect(status).not.toBe(200)
  expect(slack.calls).toEqual([])
  await system.end("SIGTERM")
  await expect(boot({ SLACK_SIGNING_SECRET: "" })).rejects.toThrow("SLACK_SIGNING_SECRET is needed")
})

test("in socket mode the same comes over a connection that the system opens", async () => {
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 })
  ends.push(() => new Promise((resolve) => sockets.close(resolve)))
  slack.openSockets(() => `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`)
  const ts = slack.next()
  const payload = Fake.event({ text: Fake.mention("What is it?"), ts })
  const acknowledged = new Promise<string>((resolve) =>
    sockets.on("connection", (socket) => {
      socket.on("message", (data) => resolve(JSON.parse(String(data)).envelope_id))
      socket.send(JSON.stringify({ type: "hello" }))
      socket.send(JSON.stringify({ type: "events_api", envelope_id: "e1", payload, accepts_response_payload: false }))
    }),
  )
  model.push(text("Forty-two."))
  const system = await boot({ SLACK_SIGNING_SECRET: "", SLACK_APP_TOKEN: Fake.appToken })
  expect(await acknowledged).toBe("e1")
  await said(ts, "Forty-two.")
  expect(await system.end("SIGTERM")).toEqual({ code: 0, signal: null })
})
