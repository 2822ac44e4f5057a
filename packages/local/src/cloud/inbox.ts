import { createHash, randomUUID } from "node:crypto"
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises"
import path from "node:path"
import { Logger } from "@remote-swe/core/logger"
import type { Batch } from "./queue.ts"

type Subscriber = (batch: Batch) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>

const attempts = 12
/** Between attempts, in milliseconds: together about ten minutes. */
const pause = (attempt: number) => Math.min(500 * 2 ** attempt, 120_000)

interface Message {
  body: string
  group: string
}

/**
 * A first-in-first-out queue of SQS in a folder, with its subscriber: what was taken is not lost with the
 * process, messages of a group come one after another, and one that fails again and again is put aside.
 */
export async function create(folder: string) {
  const dead = path.join(folder, "dead")
  await mkdir(dead, { recursive: true, mode: 0o700 })
  const groups = new Map<string, string[]>()
  const seen = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()
  const busy = new Set<Promise<void>>()
  let subscriber: Subscriber | undefined
  let closed = false
  let count = 0

  function enter(name: string, group: string) {
    const line = groups.get(group)
    if (line) return void line.push(name)
    groups.set(group, [name])
    later(group, 1, 0)
  }

  function later(group: string, attempt: number, delayMs: number) {
    if (closed || !subscriber) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      const work = serve(group, attempt).finally(() => busy.delete(work))
      busy.add(work)
    }, delayMs)
    timers.add(timer)
  }

  async function serve(group: string, attempt: number) {
    const line = groups.get(group) ?? []
    const [name] = line
    if (!name || !subscriber) return void groups.delete(group)
    const { body }: Message = JSON.parse(await readFile(path.join(folder, name), "utf8"))
    const { batchItemFailures } = await subscriber({ Records: [{ messageId: name, body }] })
    if (batchItemFailures.length > 0 && attempt < attempts) return later(group, attempt + 1, pause(attempt))
    if (batchItemFailures.length === 0) await rm(path.join(folder, name))
    else {
      await rename(path.join(folder, name), path.join(dead, name))
      Logger.error("a message was given up after too many attempts", { file: path.join(dead, name), attempts })
    }
    line.shift()
    if (line.length > 0) later(group, 1, 0)
    else groups.delete(group)
  }

  return {
    /** From now on messages go to `next`, those of an earlier process first. */
    async subscribe(next: Subscriber) {
      subscriber = next
      const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).toSorted()
      for (const name of names) {
        const { group }: Message = JSON.parse(await readFile(path.join(folder, name), "utf8"))
        enter(name, group)
      }
    },
    /** `SendMessage` of the SQS protocol: answered once the message is on the disk. */
    async send(request: { MessageBody?: string; MessageGroupId?: string; MessageDeduplicationId?: string }) {
      const { MessageBody: body = "", MessageGroupId: group = "", MessageDeduplicationId: id = randomUUID() } = request
      if (!seen.has(id)) {
        const name = `${String(Date.now()).padStart(15, "0")}-${String(++count).padStart(8, "0")}.json`
        await write(path.join(folder, name), JSON.stringify({ body, group } satisfies Message))
        seen.add(id)
        enter(name, group)
      }
      return { MessageId: randomUUID(), MD5OfMessageBody: createHash("md5").update(body).digest("hex") }
    },
    /** Ends when what is being worked on has ended; the rest waits for the next process. */
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(busy)
    },
  }
}

export type Inbox = Awaited<ReturnType<typeof create>>

async function write(file: string, text: string) {
  const draft = `${file}.draft`
  const handle = await open(draft, "w", 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}
