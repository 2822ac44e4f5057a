import { createHash, randomUUID } from "node:crypto"
import { Logger } from "@remote-swe/core/logger"

export interface Batch {
  Records: { messageId: string; body: string }[]
}
type Subscriber = (batch: Batch) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>

const attempts = 8
/** SQS takes a moment, too: whoever sent a message gets to answer before it is worked on. */
const laterMs = 10
/** Between attempts, in milliseconds. */
const pause = (attempt: number) => Math.min(250 * 2 ** attempt, 30_000)

/**
 * An SQS queue with its subscriber, in memory: at least once, again after a failure. What is waiting
 * when the process ends is lost, and found by the sweeper at the next start.
 */
export function create() {
  const waiting = new Set<NodeJS.Timeout>()
  const busy = new Set<Promise<void>>()
  let subscriber: Subscriber | undefined
  let closed = false

  function schedule(body: string, delayMs: number, attempt: number) {
    if (closed) return
    const timer = setTimeout(() => {
      waiting.delete(timer)
      const work = deliver(body, attempt).finally(() => busy.delete(work))
      busy.add(work)
    }, delayMs)
    waiting.add(timer)
  }

  async function deliver(body: string, attempt: number) {
    if (!subscriber) return schedule(body, pause(0), attempt)
    const messageId = randomUUID()
    const { batchItemFailures } = await subscriber({ Records: [{ messageId, body }] })
    if (batchItemFailures.length === 0) return
    if (attempt < attempts) return schedule(body, pause(attempt), attempt + 1)
    Logger.error("a message was given up after too many attempts", { messageId, attempts })
  }

  return {
    /** From now on messages go to `next`. */
    subscribe(next: Subscriber) {
      subscriber = next
    },
    /** `SendMessage` of the SQS protocol. The SDK checks the hash. */
    send(request: { MessageBody?: string; DelaySeconds?: number }) {
      const body = request.MessageBody ?? ""
      schedule(body, (request.DelaySeconds ?? 0) * 1000 + laterMs, 1)
      return { MessageId: randomUUID(), MD5OfMessageBody: createHash("md5").update(body).digest("hex") }
    },
    /** Forgets what waits, and ends when what is being delivered has ended. */
    async close() {
      closed = true
      for (const timer of waiting) clearTimeout(timer)
      await Promise.all(busy)
    },
  }
}

export type Queue = ReturnType<typeof create>
