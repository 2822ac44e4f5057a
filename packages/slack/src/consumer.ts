import { Logger } from "@remote-swe/core/logger"
import * as v from "valibot"
import { create as createApp } from "./app.ts"

/** What SQS hands to a subscriber with partial responses. */
export interface Batch {
  Records: { messageId: string; body: string }[]
}
export interface Failures {
  batchItemFailures: { itemIdentifier: string }[]
}

const Body = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))

/** Works off what Slack sent. After a failure, what comes later stays in the queue as well, to keep its order. */
export function create() {
  const app = createApp()
  return async ({ Records }: Batch): Promise<Failures> => {
    for (const [index, { messageId, body }] of Records.entries()) {
      try {
        await app.receive(v.parse(Body, body))
      } catch (error) {
        Logger.error("what Slack sent could not be worked on; it is tried again", { messageId, error })
        return { batchItemFailures: Records.slice(index).map((item) => ({ itemIdentifier: item.messageId })) }
      }
    }
    return { batchItemFailures: [] }
  }
}
