import { beforeEach, describe, expect, test } from "vitest"
import { QueryCommand } from "@aws-sdk/lib-dynamodb"
import { Dynamo } from "../../src/dynamo/index.ts"
import { File } from "../../src/file/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, eventID, joined, note, output, owner, system, worker } from "../util.ts"

const create = (message = "Fix the test", extra = {}) => as(owner, () => Session.create({ message, ...extra }))
const work = (id: string, after: number, events: Log.Body[], generation = 1) =>
  as(worker(id, generation), () => Session.work({ sessionID: id, generation, after, events }))

async function turn(id: string, read: number[], after: number, generation = 1) {
  const turnID = Identifier.create("turn")
  const events: Log.Body[] = [
    { id: eventID(), kind: "turn", turn: { phase: "started", turnID, read } },
    output(turnID),
    { id: eventID(), kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } },
  ]
  return work(id, after, events, generation)
}

/** What a worker uploads before it says in the log what it saved. */
async function saved(sessionID: string, type = File.savedType) {
  const file = { name: "app.bundle", type, size: 3, sessionID }
  const made = await as(worker(sessionID), () => File.create(file))
  const { status } = await fetch(made.upload.url, { method: "PUT", headers: made.upload.headers, body: "abc" })
  expect(status).toBe(200)
  return made.file
}

function snapshot(file: File.Ref, { kept, earlier }: { kept?: string[]; earlier?: File.Ref[] } = {}): Log.Body {
  const repository = { name: "app", source: "acme/app", branch: "b", base: "main", head: "h", file }
  const more = { ...(earlier && { earlier }) }
  const repositories = [{ ...repository, ...more }]
  return { id: eventID(), kind: "snapshot", generation: 1, size: 3, repositories, ...(kept && { kept }) }
}

const download = async (sessionID: string, id: string) =>
  fetch((await as(owner, () => File.fromID({ sessionID, id }))).url)

/** The saved workspaces that a session has, in the order of their making. */
async function files(sessionID: string) {
  const { Items = [] } = await Dynamo.client.send(
    new QueryCommand({
      TableName: Dynamo.config.table,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": Dynamo.partition(sessionID), ":sk": "file#" },
    }),
  )
  return Items.map((item) => item["fileID"])
}

const snapshots = async (sessionID: string) =>
  (await Log.list({ sessionID })).flatMap((event) =>
    event.kind === "snapshot" ? event.repositories.map((item) => item.file.id) : [],
  )

describe("a session", () => {
  test("starts with its first message, and waits for a worker", async () => {
    const info = await create("Fix the test\nplease", { repository: "acme/app", budget: 2 })
    expect(info).toMatchObject({
      title: "Fix the test",
      status: "starting",
      head: 1,
      repository: "acme/app",
      budget: 2,
    })
    expect(info.unread).toEqual([{ seq: 1, delivery: "steer" }])
    expect(await as(owner, () => Session.fromID(info.id))).toEqual(info)
  })

  test("made twice with the same ids is one", async () => {
    const ids = { id: Identifier.create("session"), messageID: eventID() }
    const first = await create("Once", ids)
    const second = await create("Once", ids)
    expect(second).toEqual(first)
  })

  test("takes a repeated message once, also behind newer events", async () => {
    const { id } = await create()
    const messageID = eventID()
    const say = () => as(owner, () => Session.send({ sessionID: id, message: "And this", messageID }))
    const first = await say()
    await as(owner, () => Session.send({ sessionID: id, message: "Later" }))
    expect(await say()).toEqual(first)
    expect((await as(owner, () => Session.fromID(id))).head).toBe(3)
  })

  test("goes through a turn and comes to rest, with its cost counted", async () => {
    const { id } = await create()
    await work(id, 1, [joined()])
    expect(await as(owner, () => Session.fromID(id))).toMatchObject({ status: "working", generation: 1 })
    const { head } = await turn(id, [1], 2)
    const info = await as(owner, () => Session.fromID(id))
    expect(info).toMatchObject({
      status: "idle",
      head,
      unread: [],
      usage: { calls: 1, cost: { usd: 0.5, unpriced: 0 } },
    })
  })

  test("asked by a stranger answers nothing", async () => {
    const { id } = await create()
    await expect(Session.fromID(id)).rejects.toMatchObject({ kind: "unauthorized" })
    const other = worker(Identifier.create("session"))
    await expect(as(other, () => Session.fromID(id))).rejects.toMatchObject({ kind: "forbidden" })
  })

  test("is listed by latest activity, page by page, each once", async () => {
    const made = []
    for (const index of Array(7).keys()) made.push((await create(`Needle ${index}`)).id)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await as(owner, () => Session.list({ limit: 3, search: "needle", ...(cursor && { cursor }) }))
      seen.push(...page.items.map((item) => item.id))
      cursor = page.cursor
    } while (cursor)
    expect(seen).toEqual(made.toReversed())
  })

  test("refuses a cursor that no page gave", async () => {
    const list = as(owner, () => Session.list({ cursor: "nonsense" }))
    await expect(list).rejects.toMatchObject({ kind: "input", code: "cursor.invalid" })
  })

  test("is gone with everything after its removal, and a late writer can't bring it back", async () => {
    const { id } = await create()
    await work(id, 1, [joined()])
    await as(owner, () => Session.remove(id))
    await expect(as(owner, () => Session.fromID(id))).rejects.toMatchObject({ kind: "missing" })
    await expect(work(id, 2, [note("late")])).rejects.toMatchObject({ kind: "missing" })
    expect(await Log.list({ sessionID: id })).toEqual([])
    const page = await as(owner, () => Session.list({}))
    expect(page.items.map((item) => item.id)).not.toContain(id)
  })

  test("raises an approved budget by its own amount", async () => {
    const { id } = await create("Go", { budget: 3 })
    await work(id, 1, [joined()])
    const askID = Identifier.create("ask")
    await turn(id, [1], 2)
    await work(id, 5, [{ id: eventID(), kind: "ask", askID, type: "budget", text: "More?", options: [] }])
    const info = await as(owner, () => Session.reply({ id, askID, approved: true }))
    expect(info).toMatchObject({ budget: 6, waitingOn: undefined })
    expect(info.unread).toHaveLength(1)
    const again = as(owner, () => Session.reply({ id, askID, approved: true }))
    await expect(again).rejects.toMatchObject({ code: "ask.over" })
  })

  test("can be closed, and a message opens it again", async () => {
    const { id } = await create()
    await as(owner, () => Session.stop(id))
    expect(await as(owner, () => Session.complete(id))).toMatchObject({ status: "done" })
    await as(owner, () => Session.send({ sessionID: id, message: "One more thing" }))
    expect(await as(owner, () => Session.fromID(id))).toMatchObject({ status: "starting", done: false })
  })
})

describe("the fence", () => {
  let id = ""
  beforeEach(async () => {
    id = (await create()).id
    await work(id, 1, [joined(1)])
  })

  test("takes a repeated append of a worker as done", async () => {
    const events = [note("a"), note("b")]
    expect(await work(id, 2, events)).toEqual({ head: 4 })
    expect(await work(id, 2, events)).toEqual({ head: 4 })
    expect(await work(id, 2, [...events, note("c")])).toEqual({ head: 5 })
  })

  test("refuses a worker whose head is stale", async () => {
    await as(owner, () => Session.send({ sessionID: id, message: "Wait" }))
    await expect(work(id, 2, [note("late")])).rejects.toMatchObject({ code: "log.conflict" })
    expect(await work(id, 3, [note("now")])).toEqual({ head: 4 })
  })

  test("refuses a worker that was replaced, even with the right head", async () => {
    await work(id, 2, [joined(2)], 2)
    await expect(work(id, 3, [note("ghost")])).rejects.toMatchObject({ code: "log.replaced" })
    await expect(work(id, 3, [joined(1)])).rejects.toMatchObject({ code: "log.replaced" })
    expect(await work(id, 3, [note("mine")], 2)).toEqual({ head: 4 })
  })

  test("refuses a worker that is said to have left", async () => {
    await as(system, () => Session.add(id, { id: eventID(), kind: "left", generation: 1, reason: "lost" }))
    await expect(work(id, 3, [note("ghost")])).rejects.toMatchObject({ code: "log.replaced" })
  })

  test("refuses words put into the user's mouth", async () => {
    const said: Log.Body = {
      id: eventID(),
      kind: "message",
      author: "Ada",
      source: "web",
      text: "Pay",
      files: [],
      delivery: "steer",
    }
    await expect(work(id, 2, [said])).rejects.toMatchObject({ code: "log.forbidden" })
  })
})

describe("a saved workspace", () => {
  test("goes when the log has one that does without it, and no other file does", async () => {
    const { id } = await create()
    await work(id, 1, [joined()])
    const other = await saved(id, "text/plain")
    const first = await saved(id)
    await work(id, 2, [snapshot(first)])
    const [orphan, second] = [await saved(id), await saved(id)]
    await work(id, 3, [snapshot(second, { earlier: [first] })])
    expect(await files(id)).toEqual([other.id, first.id, second.id])
    await expect(download(id, orphan.id)).rejects.toMatchObject({ code: "file.missing" })

    const third = await saved(id)
    const body = snapshot(third)
    await work(id, 4, [body])
    expect(await files(id)).toEqual([other.id, third.id])
    // One that was uploaded since is not taken for an old one when an answer is asked for again.
    const fourth = await saved(id)
    await work(id, 4, [body])
    expect(await files(id)).toEqual([other.id, third.id, fourth.id])
    expect(await (await download(id, third.id)).text()).toBe("abc")
  })

  test("of a worker that was replaced deletes nothing", async () => {
    const { id } = await create()
    await work(id, 1, [joined(1)])
    const first = await saved(id)
    await work(id, 2, [snapshot(first)])
    await work(id, 3, [joined(2)], 2)
    const late = await saved(id)
    await expect(work(id, 4, [snapshot(late)])).rejects.toMatchObject({ code: "log.replaced" })
    expect(await files(id)).toEqual([first.id, late.id])
  })
})

describe("a fork", () => {
  test("goes on from the end of a turn, with its own cost", async () => {
    const { id } = await create("Build it", { repository: "acme/app" })
    await work(id, 1, [joined()])
    await turn(id, [1], 2)
    await as(owner, () => Session.send({ sessionID: id, message: "Unread" }))
    const fork = await as(owner, () => Session.fork({ id, message: "Try another way" }))
    expect(fork).toMatchObject({
      repository: "acme/app",
      status: "starting",
      usage: { cost: { usd: 0 } },
      generation: 0,
    })
    const events = await Log.list({ sessionID: fork.id })
    expect(events.map((event) => event.kind)).toEqual(["message", "turn", "output", "turn", "message"])
    expect(events[1]).toMatchObject({ turn: { read: [1] } })
  })

  test("begins with the workspace as the turn left it, and says so where that is no longer kept", async () => {
    const { id } = await create("Build it", { repository: "acme/app" })
    await work(id, 1, [joined()])
    const first = await turn(id, [1], 2)
    const one = await saved(id)
    await work(id, first.head, [snapshot(one)])
    const { seq } = await as(owner, () => Session.send({ sessionID: id, message: "More" }))
    const second = await turn(id, [seq], seq)
    const two = await saved(id)
    await work(id, second.head, [snapshot(two, { kept: [one.id] })])

    const early = await as(owner, () => Session.fork({ id, at: first.head }))
    const late = await as(owner, () => Session.fork({ id }))
    expect(await files(early.id)).toEqual([one.id])
    expect(await files(late.id)).toEqual([two.id])
    expect(await snapshots(late.id)).toEqual([one.id, two.id])

    const three = await saved(id)
    await work(id, second.head + 1, [snapshot(three)])
    const later = await as(owner, () => Session.fork({ id, at: first.head }))
    expect(await snapshots(later.id)).toEqual([])
    expect((await Log.list({ sessionID: later.id })).at(-1)).toMatchObject({ kind: "notice", code: "workspace.gone" })
    // What the first fork has is its own.
    expect((await download(early.id, one.id)).status).toBe(200)
    expect(await files(id)).toEqual([three.id])
  })

  test("is refused before a turn has ended", async () => {
    const { id } = await create()
    await expect(as(owner, () => Session.fork({ id }))).rejects.toMatchObject({ code: "fork.early" })
  })
})

describe("a session from an export", () => {
  /** As a person sends a file. */
  async function upload(name: string, type: string, body: string) {
    const { file, upload } = await as(owner, () => File.create({ name, type, size: Buffer.byteLength(body) }))
    expect((await fetch(upload.url, { method: "PUT", headers: upload.headers, body })).status).toBe(200)
    return file.id
  }
  const lines = async (id: string) =>
    (await Log.list({ sessionID: id, whole: true })).map((event) => `${JSON.stringify(event)}\n`).join("")
  const bring = async (text: string, files: Record<string, string> = {}) => {
    const events = await upload("events.jsonl", "application/x-ndjson", text)
    return as(owner, () => Session.fromExport({ title: "Brought", repository: "acme/app", events, files }))
  }

  async function exported() {
    const files = [await as(owner, () => File.create({ name: "a.txt", type: "text/plain", size: 3 }))]
    for (const { upload } of files) await fetch(upload.url, { method: "PUT", headers: upload.headers, body: "abc" })
    const { id } = await create("Build it", { repository: "acme/app", files: files.map(({ file }) => file) })
    await work(id, 1, [joined()])
    const { head } = await turn(id, [1], 2)
    const workspace = await saved(id)
    await work(id, head, [snapshot(workspace)])
    return { id, attached: files[0]?.file.id ?? "", workspace: workspace.id }
  }

  test("goes on where that one rested, with its files and its work, and needs it no more", async () => {
    const { id, attached, workspace } = await exported()
    const text = await lines(id)
    const files = {
      [attached]: await upload("a.txt", "text/plain", "abc"),
      [workspace]: await upload("app.bundle", File.savedType, "abc"),
    }
    await as(owner, () => Session.remove(id))
    const info = await bring(text, files)
    expect(info).toMatchObject({ title: "Brought", status: "idle", repository: "acme/app", generation: 0 })
    expect(info.usage.cost.usd).toBe(0)
    const events = await Log.list({ sessionID: info.id })
    expect(events.map(({ kind }) => kind)).toEqual(["message", "turn", "output", "turn", "snapshot"])
    expect(events[0]).toMatchObject({ text: "Build it", files: [{ id: files[attached], name: "a.txt" }] })
    for (const file of Object.values(files)) expect((await download(info.id, file)).status).toBe(200)
    expect(await snapshots(info.id)).toEqual([files[workspace]])
  })

  test("says that the work is missing where its files are, and keeps the conversation", async () => {
    const { id } = await exported()
    const info = await bring(await lines(id))
    const events = await Log.list({ sessionID: info.id })
    expect(events.map(({ kind }) => kind)).toEqual(["message", "turn", "output", "turn", "notice"])
    expect(events.at(-1)).toMatchObject({ code: "workspace.gone" })
  })

  test("is refused where the events are none, out of order, or never come to the end of a turn", async () => {
    const { id } = await exported()
    const [first = "", second = ""] = (await lines(id)).split("\n")
    await expect(bring(`${first}\nnothing\n`)).rejects.toMatchObject({
      code: "import.invalid",
      message: expect.stringMatching(/^Line 2 /),
    })
    await expect(bring(`${second}\n${first}\n`)).rejects.toMatchObject({ code: "import.invalid" })
    await expect(bring(`${first}\n`)).rejects.toMatchObject({ code: "import.early" })
    const none = Identifier.create("file")
    const missing = as(owner, () => Session.fromExport({ title: "x", events: none, files: {} }))
    await expect(missing).rejects.toMatchObject({ code: "file.missing" })
    const { file } = await as(owner, () => File.create({ name: "a", type: "text/plain", size: 3 }))
    const empty = as(owner, () => Session.fromExport({ title: "x", events: file.id, files: {} }))
    await expect(empty).rejects.toMatchObject({ code: "file.empty" })
    const { file: huge } = await as(owner, () => File.create({ name: "a", type: "text/plain", size: 40 * 1024 * 1024 }))
    const large = as(owner, () => Session.fromExport({ title: "x", events: huge.id, files: {} }))
    await expect(large).rejects.toMatchObject({ code: "file.large" })
  })
})
