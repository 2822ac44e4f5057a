import { beforeEach, describe, expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, eventID, joined, note, owner, system, worker } from "../util.ts"
import { create, download, files, saved, snapshot, turn, work } from "./hand.ts"

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
