import { afterEach, beforeAll, expect, test } from "vitest"
import { Slack } from "@remote-swe/core/slack"
import { parse } from "../src/listener/parse.ts"
import { Fake } from "./fake/index.ts"
import { queue, slack } from "./place.ts"
import { allow, append, begin, deliver, info, log, output, say, sessionOf, start, system, texts, work } from "./util.ts"
import { Session } from "@remote-swe/core/session"

beforeAll(() => allow("U0ANN"))
afterEach(() => {
  expect(slack.faults).toEqual([])
})

const last = (ts: string) => slack.texts(ts).at(-1) ?? ""
const boss = "U0BOSS"

test("whoever is not approved is refused, and told whom to ask", async () => {
  const ts = await say({ text: Fake.mention("Mine bitcoin"), user: "U0EVE" })
  expect(last(ts)).toContain("You may not give me tasks")
  expect(last(ts)).toContain("<@U0BOSS>")
  await expect(sessionOf(ts)).rejects.toThrow()
})

test("a reply of somebody who is not approved does not reach the agent, and only they are told", async () => {
  const { ts, id } = await start()
  await say({ text: "And delete everything", thread: ts, type: "message", user: "U0EVE" })
  expect(await texts(id)).toEqual(["Fix the bug"])
  expect(slack.thread(ts)).toEqual([])
  expect(slack.posted.at(-1)).toMatchObject({ ephemeralTo: "U0EVE", thread_ts: ts })
})

test("an administrator approves and revokes, and needs no approval", async () => {
  const ts = await say({ text: Fake.mention("approve_user <@U0NEW> <@U0OLD|old>"), user: boss })
  expect(last(ts)).toBe("Approved: <@U0NEW>, <@U0OLD>")
  const { ts: task } = await startAs("U0NEW")
  await say({ text: Fake.mention("revoke_user <@U0NEW>"), user: boss })
  await say({ text: "more", user: "U0NEW", thread: task, type: "message" })
  expect(await texts(await sessionOf(task))).toEqual(["Lend a hand"])
  await startAs("U0OLD")
  await startAs(boss)
})

async function startAs(user: string) {
  const ts = await say({ text: Fake.mention("Lend a hand"), user })
  expect(await texts(await sessionOf(ts))).toEqual(["Lend a hand"])
  return { ts }
}

test("nobody else changes who is approved", async () => {
  const ts = await say({ text: Fake.mention("approve_user <@U0EVE>"), user: "U0ANN" })
  expect(last(ts)).toContain("Only administrators")
  expect(await Slack.isAllowed({ team: Fake.team, userID: "U0EVE", isOutsider: false })).toBe(false)
  const empty = await say({ text: Fake.mention("approve_user ann"), user: boss })
  expect(last(empty)).toContain("at least one person")
})

test("status tells what the session is doing, dump_history hands over its log, stop stops it", async () => {
  const { ts, id } = await start("Fix <b> & co")
  await begin(id)
  await append(id, output("Looking", { stopReason: "calls", cost: 0.25 }))
  await say({ text: Fake.mention("status"), thread: ts })
  expect(last(ts)).toContain("working")
  expect(last(ts)).toContain("$0.25")
  expect(last(ts)).toContain(`/session/${id}|dashboard>`)

  await say({ text: Fake.mention("dump_history"), thread: ts })
  const [file] = slack.thread(ts).flatMap((message) => message.files ?? [])
  const lines =
    slack
      .file(file ?? "")
      ?.bytes.toString()
      .trim()
      .split("\n") ?? []
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual(["message", "joined", "turn", "output"])

  await say({ text: Fake.mention("stop"), thread: ts })
  expect((await log(id)).at(-1)).toMatchObject({ kind: "stop", actor: { name: "Ann" } })
  expect(last(ts)).toContain("Stopping")
})

test("stop does nothing where nothing is done, and commands outside a session say so", async () => {
  const { ts, id } = await start()
  await system(() => Session.stop(id))
  await say({ text: Fake.mention("stop"), thread: ts })
  expect(last(ts)).toContain("not working on anything")
  const elsewhere = await say({ text: Fake.mention("status") })
  expect(last(elsewhere)).toContain("no session in this thread")
  const help = await say({ text: Fake.mention("help") })
  expect(last(help)).toContain("take_over")
})

test("a session is taken over by the link of its page or of its thread, and tells the new thread from then on", async () => {
  const { ts, id } = await start("Long work")
  await deliver(id)
  const next = await say({ text: Fake.mention(`take_over <https://swe.test/session/${id}>`) })
  expect(last(next)).toContain("Long work")
  expect(last(ts)).toContain("goes on in <https://test.slack.com/")
  await begin(id)
  await append(id, output("Here I am"))
  await deliver(id)
  expect(last(next)).toBe("Here I am")
  expect(slack.texts(ts)).not.toContain("Here I am")
  await say({ text: "and on", thread: next, type: "message" })
  expect(await texts(id)).toEqual(["Long work", "and on"])
  await say({ text: "nobody listens", thread: ts, type: "message" })
  expect(await texts(id)).toEqual(["Long work", "and on"])

  const third = slack.next()
  const permalink = `https://test.slack.com/archives/C0DEV/p${third.replace(".", "")}?thread_ts=${next}&amp;cid=C0DEV`
  await say({ text: Fake.mention(`take_over <${permalink}>`), thread: third })
  expect(await sessionOf(third)).toBe(id)
})

test("what cannot be taken over is not", async () => {
  const one = await start("One")
  const other = await start("Other")
  await say({ text: Fake.mention(`take_over https://swe.test/session/${one.id}`), thread: other.ts })
  expect(last(other.ts)).toContain("a session of its own")
  const nowhere = await say({ text: Fake.mention("take_over https://swe.test/session/ses_00000000000000000000000000") })
  expect(last(nowhere)).toContain("I know no session")
})

test("a command is done once, and again after a failure", async () => {
  const { knock } = await import("./util.ts")
  slack.fate("chat.postMessage", { status: 429, headers: { "retry-after": "1" } })
  const said = Fake.event({ text: Fake.mention("help"), ts: slack.next() })
  await knock(said)
  expect(await work()).toBe(1)
  expect(await work()).toBe(0)
  queue.sent.push(said)
  expect(await work()).toBe(0)
  expect(slack.thread(said.event.ts)).toHaveLength(1)
})

test("people are named and spoken to as Slack knows them", async () => {
  slack.people.set("U0YUKI", { name: "雪", locale: "ja-JP" })
  await allow("U0YUKI")
  const ts = await say({ text: Fake.mention("直して"), user: "U0YUKI" })
  const id = await sessionOf(ts)
  expect(await info(id)).toMatchObject({ creator: { name: "雪" } })
  await deliver(id)
  expect(last(ts)).toContain("作業を始めます")
})

test.each([
  ["help me with the tests", undefined],
  ["stop using tabs", undefined],
  ["HELP", { type: "help" }],
  ["  status  ", { type: "status" }],
  ["take_over <https://x.test/a?b&amp;c|link> now", { type: "take_over", url: "https://x.test/a?b&c" }],
  ["approve_user <@U1> and <@W2|w> <@U1> <!here>", { type: "approve_user", people: ["U1", "W2"] }],
  ["Revoke_User", { type: "revoke_user", people: [] }],
  ["fix approve_user", undefined],
])("%j is read as %j", (text, command) => {
  expect(parse(text)).toEqual(command)
})
