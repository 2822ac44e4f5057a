import { afterEach, beforeAll, describe, expect, test } from "vitest"
import { Fake } from "./fake/index.ts"
import { queue, slack } from "./place.ts"
import {
  allow,
  append,
  begin,
  deliver,
  ended,
  info,
  knock,
  log,
  output,
  say,
  sessionOf,
  start,
  texts,
  work,
} from "./util.ts"

beforeAll(() => allow("U0ANN", "U0BOB"))
afterEach(() => {
  expect(slack.faults).toEqual([])
})

describe("a mention", () => {
  test("starts a session in its thread, and its end is told there", async () => {
    const { ts, id } = await start("Fix the *bug* in <https://github.com/acme/app|acme/app> &amp; test it")
    expect(await info(id)).toMatchObject({ creator: { type: "user", userID: "slack:U0ANN", name: "Ann" } })
    expect(await texts(id)).toEqual(["Fix the *bug* in acme/app (https://github.com/acme/app) & test it"])
    await deliver(id)
    expect(slack.marks(ts)).toEqual(["eyes"])
    expect(slack.texts(ts)).toEqual([expect.stringContaining(`/session/${id}|dashboard>`)])

    await begin(id)
    await append(id, output("Looking …", { stopReason: "calls" }), output("**Done**: see `a < b`"), ended("done"))
    await deliver(id)
    expect(slack.texts(ts).slice(1)).toEqual(["*Done*: see `a &lt; b`"])
    expect(slack.marks(ts)).toEqual(["white_check_mark"])
  })

  test("in a thread is answered in that thread", async () => {
    const parent = slack.next()
    await say({ text: Fake.mention("Look at this"), thread: parent })
    const id = await sessionOf(parent)
    await deliver(id)
    expect(slack.thread(parent)).toHaveLength(1)
  })

  test("makes one session, whatever Slack sends again and under whatever event id", async () => {
    const ts = slack.next()
    const said = { text: Fake.mention("Once"), ts }
    await knock(Fake.event(said))
    await knock(Fake.event(said))
    await knock(Fake.event({ ...said, type: "message" }))
    await work()
    await knock(Fake.event(said))
    await work()
    const id = await sessionOf(ts)
    expect(await texts(id)).toEqual(["Once"])
    await deliver(id)
    expect(slack.thread(ts)).toHaveLength(1)
  })

  test("that two runs take at once makes one session", async () => {
    const ts = slack.next()
    await knock(Fake.event({ text: Fake.mention("Once"), ts }))
    await knock(Fake.event({ text: Fake.mention("Once"), ts }))
    const [second] = queue.sent.splice(1)
    const both = work()
    queue.sent.push(second)
    await Promise.all([both, work()])
    while (queue.sent.length > 0) await work()
    expect(await texts(await sessionOf(ts))).toEqual(["Once"])
  })

  test("without a task is asked for one", async () => {
    const ts = await say({ text: Fake.mention("") })
    expect(slack.texts(ts)).toEqual([expect.stringContaining("Say what you want")])
  })
})

describe("a reply", () => {
  test("in the thread goes on with the session, without a mention as well as with one", async () => {
    const { ts, id } = await start()
    await say({ text: "And the docs", thread: ts, type: "message" })
    await say({ text: Fake.mention("and the tests"), thread: ts })
    expect(await texts(id)).toEqual(["Fix the bug", "And the docs", "and the tests"])
  })

  test("in somebody else's thread is none of our business", async () => {
    const ts = await say({ text: "Lunch?", thread: slack.next(), type: "message" })
    expect(slack.thread(ts)).toEqual([])
  })

  test("answers the question that was asked", async () => {
    const { ts, id } = await start()
    await begin(id)
    const askID = "ask_01k0000000000000000000000a"
    await append(id, { kind: "ask", askID, type: "question", text: "Which?", options: [] }, ended("waiting"))
    await deliver(id)
    expect(slack.texts(ts).at(-1)).toContain("Which?")
    expect(slack.marks(ts)).toEqual(["eyes"])
    await say({ text: "The first", thread: ts, type: "message" })
    expect((await log(id)).at(-1)).toMatchObject({ kind: "answer", askID, text: "The first" })
  })

  test("to a deleted session is told so, and a mention starts another", async () => {
    const { ts, id } = await start()
    const { Session } = await import("@remote-swe/core/session")
    const { system } = await import("./util.ts")
    await system(() => Session.remove(id))
    await say({ text: "Hello?", thread: ts, type: "message" })
    expect(slack.texts(ts).at(-1)).toContain("was deleted")
    await say({ text: Fake.mention("Anew"), thread: ts })
    const next = await sessionOf(ts)
    expect(next).not.toBe(id)
    expect(await texts(next)).toEqual(["Anew"])
  })
})

describe("it does not listen to", () => {
  test.each<[string, object]>([
    ["itself", { user: Fake.bot.userID, bot_id: Fake.bot.botID }],
    ["other bots", { bot_id: "B0OTHER", subtype: "bot_message" }],
    ["changes", { subtype: "message_changed", message: {} }],
    ["deletions", { subtype: "message_deleted" }],
    ["edited mentions", { edited: { user: "U0ANN", ts: "1" } }],
    ["people who join", { subtype: "channel_join" }],
  ])("%s", async (_, extra) => {
    const { ts, id } = await start()
    await knock(Fake.event({ text: Fake.mention("More"), thread_ts: ts, ts: slack.next(), extra }))
    await knock(Fake.event({ text: "More", thread_ts: ts, ts: slack.next(), type: "message", extra }))
    expect(await work()).toBe(0)
    expect(await texts(id)).toEqual(["Fix the bug"])
  })
})

test("in a group's direct messages it is mentioned, by whatever event Slack tells of it", async () => {
  const group = { channel: "G0ALL", type: "message" as const, extra: { channel_type: "mpim" } }
  const lunch = await say({ text: "Lunch?", ...group })
  await expect(sessionOf(lunch, "G0ALL")).rejects.toThrow()
  const ts = await say({ text: Fake.mention("Fix it"), ...group })
  await say({ text: Fake.mention("Fix it"), channel: "G0ALL", ts })
  expect(await texts(await sessionOf(ts, "G0ALL"))).toEqual(["Fix it"])
})

test("a direct message needs no mention", async () => {
  const extra = { channel_type: "im" }
  const ts = await say({ text: "Fix it", channel: "D0ANN", type: "message", extra })
  const id = await sessionOf(ts, "D0ANN")
  await say({ text: "stop", channel: "D0ANN", type: "message", thread: ts, extra })
  expect((await log(id)).map((event) => event.kind)).toEqual(["message", "stop"])
})
