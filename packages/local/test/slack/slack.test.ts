import { mkdir } from "node:fs/promises"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
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
