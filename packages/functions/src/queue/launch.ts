import { Logger } from "@remote-swe/core/logger"
import { Machine } from "@remote-swe/core/machine"
import { Queue } from "@remote-swe/core/queue"
import * as v from "valibot"

/** What SQS hands to a subscriber with partial responses. */
export interface Batch {
  Records: { messageId: string; body: string }[]
}
export interface Failures {
  batchItemFailures: { itemIdentifier: string }[]
}

/** SQS can hold a message back for so long. */
const longestMs = 15 * 60_000

const Body = v.pipe(v.string(), v.parseJson(), Queue.Wake)

/** The launcher: looks at each session that something happened to. */
export function create(world: Machine.World) {
  return async (batch: Batch): Promise<Failures> => {
    const failures: Failures["batchItemFailures"] = []
    for (const { messageId, body } of batch.Records) {
      await launch(body, world).catch((error: unknown) => {
        Logger.error("the launcher failed; the message is tried again", { messageId, error })
        failures.push({ itemIdentifier: messageId })
      })
    }
    return { batchItemFailures: failures }
  }
}

async function launch(body: string, world: Machine.World) {
  const { sessionID } = v.parse(Body, body)
  const decision = await Machine.launch(sessionID, world)
  // A boot that takes too long is the sweeper's; a pause between attempts may be shorter than its minute.
  if (decision.type !== "wait" || decision.reason !== "backoff") return
  const now = world.now?.() ?? Date.now()
  await Queue.wake(sessionID, { delayMs: Math.min(Math.max(decision.until - now, 0), longestMs) })
}
