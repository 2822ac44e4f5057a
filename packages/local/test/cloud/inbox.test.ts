import { mkdtemp, readdir, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import * as Inbox from "../../src/cloud/inbox.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "swe-inbox-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const send = (inbox: Inbox.Inbox, body: string, group = "g", id = body) =>
  inbox.send({ MessageBody: body, MessageGroupId: group, MessageDeduplicationId: id })

/** A subscriber that takes what it is given, unless the test says otherwise. */
function taker(fails: (body: string, time: number) => boolean = () => false) {
  const taken: string[] = []
  const times = new Map<string, number>()
  const waiting: { count: number; resolve(): void }[] = []
  return {
    taken,
    until: (count: number) =>
      taken.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count, resolve })),
    async subscriber({ Records }: { Records: { messageId: string; body: string }[] }) {
      const [{ messageId, body } = { messageId: "", body: "" }] = Records
      const time = (times.get(body) ?? 0) + 1
      times.set(body, time)
      if (fails(body, time)) return { batchItemFailures: [{ itemIdentifier: messageId }] }
      taken.push(body)
      for (const item of waiting) if (taken.length >= item.count) item.resolve()
      return { batchItemFailures: [] }
    },
  }
}

test("messages of a group come one after another, also when one fails at first, and no group waits for another", async () => {
  const inbox = await Inbox.create(folder)
  const it = taker((body, time) => body === "a1" && time === 1)
  await inbox.subscribe(it.subscriber)
  for (const body of ["a1", "a2", "b1"]) await send(inbox, body, body[0])
  await it.until(3)
  expect(it.taken).toEqual(["b1", "a1", "a2"])
  await inbox.close()
  expect((await readdir(folder)).filter((name) => name.endsWith(".json"))).toEqual([])
})

test("what was taken is not lost with the process, and keeps its order", async () => {
  const first = await Inbox.create(folder)
  for (const body of ["1", "2", "3"]) await send(first, body)
  await first.close()
  const second = await Inbox.create(folder)
  const it = taker()
  await second.subscribe(it.subscriber)
  await send(second, "4")
  await it.until(4)
  expect(it.taken).toEqual(["1", "2", "3", "4"])
  await second.close()
})

test("the same message is taken once", async () => {
  const inbox = await Inbox.create(folder)
  const it = taker()
  await inbox.subscribe(it.subscriber)
  for (const body of ["a", "b"]) await send(inbox, body, "g", "same")
  await send(inbox, "c")
  await it.until(2)
  expect(it.taken).toEqual(["a", "c"])
  await inbox.close()
})
