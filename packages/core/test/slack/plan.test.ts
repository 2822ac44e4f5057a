import { expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import type { Info } from "../../src/log/schema.ts"
import { ending } from "../../src/slack/place.ts"
import { type Act, plan } from "../../src/slack/plan.ts"
import type { Target } from "../../src/slack/thread.ts"

const target: Target = { team: "T1", channel: "C1", ts: "1700000000.000100", language: "en" }
const sessionID = Identifier.create("session")
const turnID = Identifier.create("turn")
const ts = "1700000001.000200"
const fromSlack = Identifier.create("event", ending({ ...target, ts }))
const ann = { type: "user" as const, userID: "slack:U1", name: "Ann" }
const bob = { type: "user" as const, userID: "bob", name: "Bob <b>" }

type Draft = Info extends infer One
  ? One extends unknown
    ? Omit<One, "id" | "sessionID" | "seq" | "at" | "actor">
    : never
  : never
const event = (draft: Draft, more: object = {}) =>
  ({ id: Identifier.create("event"), sessionID, seq: 7, at: 1, actor: ann, ...draft, ...more }) as Info

const short = (act: Act) => {
  switch (act.type) {
    case "post":
      return act.message.text
    case "react":
      return `${act.ts} ${act.remove ? `-${act.remove} ` : ""}+${act.add}`
    case "file":
      return `file ${act.file.name}`
    case "document":
      return `document ${act.text.length}`
  }
}
const acts = (item: Info, state: unknown = null, to = target) =>
  plan(state, item, to, (id) => `https://swe.test/${id}`).acts.map(short)

const message = (source: "slack" | "web", text: string): Draft => ({
  ...{ kind: "message", author: "Bob <b>", source, text, files: [], delivery: "steer" },
})
const output = (stopReason: "end" | "calls" | "aborted" | "max_tokens" | "refusal", ...texts: string[]) =>
  event({
    kind: "output",
    turnID,
    read: [],
    content: texts.map((text) => ({ type: "text" as const, text })),
    model: "m",
    stopReason,
    tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    cost: null,
    durationMs: 1,
  })
const ended = (outcome: "done" | "stopped" | "failed" | "limit" | "waiting", text?: string) =>
  event({
    kind: "turn",
    turn: { phase: "ended", turnID, outcome, ...(text && { problem: { code: "x", message: text } }) },
  })
const notice = (level: "info" | "warning" | "error", code: string, text: string) =>
  event({ kind: "notice", level, code, text })
const file = { id: Identifier.create("file"), name: "a.png", type: "image/png", size: 3 }
const open = { open: [ts, "1700000002.000000"] }

test.each<[string, Info, string[], unknown?]>([
  [
    "the first message starts the thread",
    event(message("slack", "Hi"), { id: fromSlack, seq: 1 }),
    [
      `${ts} +eyes`,
      `On it. Follow along or steer in the <https://swe.test/${sessionID}|dashboard>, or reply in this thread.`,
    ],
  ],
  ["a later one is marked", event(message("slack", "Hi"), { id: fromSlack }), [`${ts} +eyes`]],
  [
    "what was said elsewhere is repeated",
    event(message("web", "a\n<!here>"), { actor: bob }),
    ["*Bob &lt;b&gt;* said elsewhere:\n> a\n> &lt;!here&gt;"],
  ],
  ["the last word of a turn is told", output("end", "**Done**", "more"), ["*Done*\n\nmore"]],
  ["and one that was cut off", output("max_tokens", "Cut"), ["Cut"]],
  ["and a refusal", output("refusal", "No"), ["No"]],
  ["thinking aloud between calls is not", output("calls", "Let me look"), []],
  ["nor what was interrupted", output("aborted", "I was about"), []],
  ["nor nothing", output("end", "  "), []],
  ["progress is told", notice("info", "agent.message", "Half of *it*"), ["Half of _it_"]],
  ["other information is not", notice("info", "sandbox", "fine"), []],
  ["warnings are", notice("warning", "budget", "a < b"), [":warning: a &lt; b"]],
  ["errors are", notice("error", "x", "bad"), [":x: bad"]],
  ["what Slack did not take is not told to Slack", notice("warning", "slack.undelivered", "x"), []],
  ["files are handed over", event({ kind: "artifact", artifact: { type: "file", file } }), ["file a.png"]],
  [
    "a preview is linked",
    event({ kind: "artifact", artifact: { type: "preview", url: "https://p.test", title: "App" } }),
    ["Preview: <https://p.test|App>"],
  ],
  [
    "a branch is not news",
    event({ kind: "artifact", artifact: { type: "branch", repository: "a/b", branch: "x", commit: "1" } }),
    [],
  ],
  ["an answer from here stands in the thread already", event({ kind: "answer", askID: "ask_1", text: "yes" }), []],
  [
    "an answer from elsewhere is told",
    event({ kind: "answer", askID: "ask_1", text: "yes" }, { actor: bob }),
    ["*Bob &lt;b&gt;* answered:\n> yes"],
  ],
  [
    "a turn that is done marks what it was about",
    ended("done"),
    [`${ts} -eyes +white_check_mark`, "1700000002.000000 -eyes +white_check_mark"],
    open,
  ],
  ["one that failed says why", ended("failed", "No <model>"), [":x: The turn failed: No &lt;model&gt;"]],
  ["one that waits leaves the marks", ended("waiting"), [], open],
  ["one that was stopped says so", ended("stopped"), ["Stopped. Reply to go on."]],
  ["one at its limit says so", ended("limit", "5 USD"), [":warning: The turn ended at a limit: 5 USD"]],
  ["what nobody knows is left out", { ...event(ended("done")), kind: "unknown", raw: {} } as unknown as Info, []],
])("%s", (_, item, wanted, state) => {
  expect(acts(item, state)).toEqual(wanted)
})

test("the marks of a turn are remembered until its end", () => {
  const first = plan(null, event(message("slack", "Hi"), { id: fromSlack }), target, String)
  expect(first.state).toEqual({ open: [ts] })
  const asked = plan(first.state, ended("waiting"), target, String)
  expect(asked.state).toEqual({ open: [ts] })
  expect(plan(asked.state, ended("done"), target, String).state).toEqual({ open: [] })
})

test("a question has a button for each option, an approval two", () => {
  const ask = (type: "question" | "approval", options: string[]) =>
    event({ kind: "ask", askID: Identifier.create("ask"), type, text: "Which **one**?", options })
  const buttons = (item: Info) =>
    plan(null, item, target, String).acts.flatMap((act) =>
      act.type === "post"
        ? act.message.blocks.flatMap((block) =>
            block.type === "actions"
              ? block.elements.flatMap((element) => (element.type === "button" ? [element.text.text] : []))
              : [],
          )
        : [],
    )
  expect(buttons(ask("question", ["A", "x".repeat(90)]))).toEqual(["A", `${"x".repeat(74)}…`])
  expect(buttons(ask("question", []))).toEqual([])
  expect(buttons(ask("approval", []))).toEqual(["Approve", "Decline"])
})

test("a pull request is a card with its link, branch and size", () => {
  const [card] = plan(
    null,
    event({
      kind: "artifact",
      artifact: {
        ...{ type: "pull_request", repository: "a/b", host: "github", number: 3, url: "https://g.test/3" },
        ...{ title: "Fix <it>", body: "## Why\nbecause", branch: "swe/x", base: "main", commit: "1" },
        changes: [{ path: "a", status: "modified", additions: 2, deletions: 1 }],
      },
    }),
    target,
    String,
  ).acts
  const shown = JSON.stringify(card)
  expect(shown).toContain("<https://g.test/3|Fix &lt;it&gt;>")
  expect(shown).toContain("`swe/x` → `main` · 1 file, +2 −1")
  expect(shown).toContain("*Why*")
})

test("a very long answer comes as a file, a long one in parts", () => {
  expect(acts(output("end", "line\n".repeat(2_000)))).toHaveLength(4)
  const long = "line\n".repeat(20_000)
  expect(acts(output("end", long)).slice(1)).toEqual(["_The whole text is in the file._", `document ${long.length}`])
})

test("the bot speaks the language of whoever started the thread", () => {
  const said = acts(ended("stopped"), null, { ...target, language: "ja" })
  expect(said).toEqual(["停止しました。返信すると再開します。"])
})
