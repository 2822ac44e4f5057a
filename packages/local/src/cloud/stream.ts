import type { IncomingMessage, ServerResponse } from "node:http"
import { Logger } from "@remote-swe/core/logger"

interface Record {
  dynamodb: { SequenceNumber: string; NewImage: { [name: string]: { S?: string } } }
}
type Subscriber = (batch: { Records: Record[] }) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>

const largestBatch = 100

/**
 * The table's stream, as far as it has a subscriber: insertions of events. What fails, and what is left
 * when the process ends, is the sweeper's.
 */
export function create() {
  const waiting: Record[] = []
  let subscriber: Subscriber | undefined
  let running: Promise<void> | undefined
  let count = 0

  async function work() {
    while (subscriber && waiting.length > 0) {
      const Records = waiting.splice(0, largestBatch)
      await subscriber({ Records }).catch((error: unknown) => Logger.error("the stream's subscriber failed", { error }))
    }
    running = undefined
  }

  return {
    subscribe: (next: Subscriber) => void (subscriber = next),
    /** Looks at a request of the table that is about to be answered. */
    watch(request: IncomingMessage, body: Buffer, response: ServerResponse) {
      const isPut = String(request.headers["x-amz-target"]).endsWith(".PutItem")
      if (!subscriber || !isPut || !body.includes(mark)) return
      response.once("finish", () => {
        if (response.statusCode !== 200) return
        const { Item } = JSON.parse(body.toString())
        waiting.push({ dynamodb: { SequenceNumber: String(++count), NewImage: Item } })
        running ??= work()
      })
    },
    async close() {
      subscriber = undefined
      await running
    },
  }
}

export type Stream = ReturnType<typeof create>

/** As ElectroDB names what is an event of a log. */
const mark = '"__edb_e__":{"S":"event"}'
