import { describe, expect, test } from "vitest"
import { File } from "../../src/file/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, joined, owner } from "../util.ts"
import { create, download, files, saved, snapshot, snapshots, turn, work } from "./hand.ts"

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
