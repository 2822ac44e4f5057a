import { File } from "@remote-swe/core/file"
import { Identifier } from "@remote-swe/core/identifier"
import { afterEach, beforeAll, describe, expect, test } from "vitest"
import { Fake } from "./fake/index.ts"
import { slack } from "./place.ts"
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
  system,
  texts,
  work,
} from "./util.ts"

beforeAll(() => allow("U0ANN", "U0BOB"))
afterEach(() => {
  expect(slack.faults).toEqual([])
})

describe("files", () => {
  test("of a message come to the session, whatever they are", async () => {
    const bytes = Buffer.from([0x89, 0x50, 0, 255])
    const files = [slack.share("a/b.png", "image/png", bytes), slack.share("log.txt", "text/plain", Buffer.from("ß"))]
    const ts = await say({ text: Fake.mention("Look"), extra: { files } })
    const id = await sessionOf(ts)
    const [message] = await log(id)
    if (message?.kind !== "message") throw new Error("There is no message")
    expect(message.files.map(({ name, type, size }) => [name, type, size])).toEqual([
      ["a_b.png", "image/png", 4],
      ["log.txt", "text/plain", 2],
    ])
    const { url } = await system(() => File.fromID({ id: message.files[0]?.id ?? "", sessionID: id }))
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(bytes)
  })

  test("alone are a message as well", async () => {
    const files = [slack.share("spec.pdf", "application/pdf", Buffer.from("%PDF"))]
    const ts = await say({ text: Fake.mention(""), extra: { files } })
    expect(await texts(await sessionOf(ts))).toEqual(["spec.pdf"])
  })

  test("that Slack does not give, or that are elsewhere, are named; the token goes to Slack only", async () => {
    const files = [
      {
        ...slack.share("gone.txt", "text/plain", Buffer.from("x")),
        url_private_download: `${slack.origin}/files/none`,
      },
      { name: "evil.txt", size: 1, url_private_download: "https://slack.com.evil.test/x" },
      { name: "huge.bin", size: 60_000_000, url_private_download: `${slack.origin}/files/huge` },
    ]
    const ts = await say({ text: Fake.mention("Read"), extra: { files } })
    expect(slack.texts(ts)).toEqual([
      "I could not take gone.txt: Slack did not give it to me",
      "I could not take evil.txt: Slack did not give it to me",
      "I could not take huge.bin: it is too large",
    ])
    expect(await texts(await sessionOf(ts))).toEqual(["Read"])
  })

  test("of the agent come to the thread", async () => {
    const { ts, id } = await start()
    await begin(id)
    const file = await system(async () => {
      const { file, upload } = await File.create({ name: "shot.png", type: "image/png", size: 3, sessionID: id })
      await fetch(upload.url, { method: "PUT", headers: upload.headers, body: "png" })
      return file
    })
    await append(
      id,
      { kind: "notice", level: "info", code: "agent.message", text: "See:" },
      { kind: "artifact", artifact: { type: "file", file } },
    )
    await deliver(id)
    const shared = slack.thread(ts).flatMap((message) => message.files ?? [])
    expect(shared.map((name) => slack.file(name)?.bytes.toString())).toEqual(["png"])
    expect(slack.file(shared[0] ?? "")?.name).toBe("shot.png")
  })
})

describe("a question", () => {
  async function ask(type: "question" | "approval", options: string[]) {
    const { ts, id } = await start()
    await begin(id)
    const askID = Identifier.create("ask")
    await append(id, { kind: "ask", askID, type, text: "Which?", options }, ended("waiting"))
    await deliver(id)
    const asked = slack.thread(ts).at(-1)
    if (!asked) throw new Error("Nothing was asked")
    return { ts, id, askID, asked }
  }
  const press = async (payload: object) => {
    await knock(payload)
    expect(await work()).toBe(0)
  }

  test("is answered by a button, once, and the buttons go", async () => {
    const { id, askID, asked } = await ask("question", ["Left", "Right"])
    const pressed = Fake.press(asked, 1, "U0BOB")
    await press(pressed)
    await press(pressed)
    const answers = (await log(id)).filter((event) => event.kind === "answer")
    expect(answers).toMatchObject([{ askID, text: "Right", actor: { userID: "slack:U0BOB" } }])
    const shown = JSON.stringify(slack.posted.find((message) => message.ts === asked.ts)?.blocks)
    expect(shown).toContain("chose *Right*")
    expect(shown).not.toContain("button")
  })

  test("for approval carries whether it is given", async () => {
    const { id, asked } = await ask("approval", [])
    await press(Fake.press(asked, 1))
    expect((await log(id)).at(-1)).toMatchObject({ kind: "answer", approved: false })
  })

  test("that is over says so to whoever presses late", async () => {
    const { id, ts, asked } = await ask("question", ["Left", "Right"])
    const [first, second] = [Fake.press(asked, 0), Fake.press(asked, 1, "U0BOB")]
    await press(first)
    await press(second)
    expect((await log(id)).filter((event) => event.kind === "answer")).toHaveLength(1)
    expect(slack.posted.at(-1)).toMatchObject({ ephemeralTo: "U0BOB", thread_ts: ts })
  })

  test("is not answered by somebody who may not", async () => {
    const { id, asked } = await ask("question", ["Left"])
    await press(Fake.press(asked, 0, "U0EVE"))
    expect(await info(id)).toMatchObject({ status: "waiting" })
    expect(slack.posted.at(-1)).toMatchObject({ ephemeralTo: "U0EVE" })
  })
})

describe("when Slack fails", () => {
  const minutes = (count: number) => () => Date.now() + count * 60_000

  async function answered(text = "Done") {
    const { ts, id } = await start()
    await deliver(id)
    await begin(id)
    await append(id, output(text), ended("done"))
    return { ts, id }
  }

  test.each<[string, Fake.Fate]>([
    ["limits the rate", { status: 429, headers: { "retry-after": "30" } }],
    ["breaks", { status: 503 }],
    ["has an error of its own", { error: "internal_error" }],
  ])("and %s, the answer comes later, once", async (_, fate) => {
    const { ts, id } = await answered()
    slack.fate("chat.postMessage", fate)
    await deliver(id)
    await deliver(id)
    expect(slack.texts(ts)).not.toContain("Done")
    await deliver(id, minutes(1))
    expect(slack.texts(ts).filter((text) => text === "Done")).toHaveLength(1)
    expect(slack.marks(ts)).toEqual(["white_check_mark"])
  })

  test("a message whose answer was lost is found again, and not posted twice", async () => {
    const { ts, id } = await answered()
    slack.fate("chat.postMessage", "lost")
    await deliver(id)
    expect(slack.texts(ts).filter((text) => text === "Done")).toHaveLength(1)
    await deliver(id, minutes(1))
    expect(slack.texts(ts).filter((text) => text === "Done")).toHaveLength(1)
    expect(slack.marks(ts)).toEqual(["white_check_mark"])
  })

  test("without the right to look, it may come twice, but comes", async () => {
    const { ts, id } = await answered()
    slack.fate("chat.postMessage", "lost")
    slack.fate("conversations.replies", { error: "missing_scope" })
    await deliver(id)
    await deliver(id, minutes(1))
    expect(slack.texts(ts).filter((text) => text === "Done")).toHaveLength(2)
  })

  test("a part in the middle of a long answer is not lost, nor are those before it repeated", async () => {
    const text = Array.from({ length: 600 }, (_, index) => `line ${index} ${"x".repeat(10)}`).join("\n")
    const { ts, id } = await answered(text)
    const before = slack.thread(ts).length
    slack.fate("chat.postMessage", { status: 503 }, 1)
    for (let times = 0; times < 6; times++) await deliver(id, minutes(times))
    const parts = slack.texts(ts).slice(before)
    expect(parts.join("\n").split("\n")).toEqual(text.split("\n"))
  })

  test("for good, the session says so and goes on", async () => {
    const { ts, id } = await answered()
    slack.fate("chat.postMessage", { error: "is_archived" })
    await deliver(id)
    expect((await log(id)).at(-1)).toMatchObject({ kind: "notice", level: "warning", code: "slack.undelivered" })
    await append(id, output("Later"))
    await deliver(id)
    expect(slack.texts(ts).at(-1)).toBe("Later")
  })

  test("to say who somebody is, their task is taken all the same", async () => {
    slack.fate("users.info", { status: 429, headers: { "retry-after": "30" } })
    await allow("U0ZOE")
    const ts = await say({ text: Fake.mention("Fix"), user: "U0ZOE" })
    expect(await info(await sessionOf(ts))).toMatchObject({ creator: { name: "U0ZOE" } })
  })
})
