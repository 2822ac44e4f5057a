import { Actor } from "@remote-swe/core/actor"
import { Deliver } from "@remote-swe/core/deliver"
import { Logger } from "@remote-swe/core/logger"

/** What the table's stream hands over, as far as it is looked at. */
export interface Batch {
  Records: { dynamodb?: { SequenceNumber?: string; NewImage?: Record<string, { S?: string; N?: string }> } }[]
}
export interface Failures {
  batchItemFailures: { itemIdentifier: string }[]
}

/** Sessions looked after side by side. */
const width = 8

/** Brings what is new in the sessions' logs to where it is wanted. The stream holds insertions of events only. */
export function create(deliverers: readonly Deliver.Deliverer[]) {
  // In the cloud the stream's filter leaves out most of the others: this holds everywhere.
  const wanted = new Set<string>(deliverers.flatMap((item) => item.kinds))
  return async ({ Records }: Batch): Promise<Failures> => {
    /** The first record of each session. */
    const first = new Map<string, number>()
    /** The first message of each session. */
    const said = new Map<string, number>()
    for (const [index, { dynamodb }] of Records.entries()) {
      const { sessionID, kind, seq } = dynamodb?.NewImage ?? {}
      if (!sessionID?.S || !kind?.S || !wanted.has(kind.S)) continue
      if (!first.has(sessionID.S)) first.set(sessionID.S, index)
      if (kind.S === "message" && seq?.N && !said.has(sessionID.S)) said.set(sessionID.S, Number(seq.N))
    }
    const queue = [...first]
    const failed: number[] = []
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [sessionID, index] = next
        const look = { said: said.get(sessionID) }
        const run = () => Deliver.run(deliverers, sessionID, look)
        await Actor.provide({ type: "system" }, run).catch((error: unknown) => {
          Logger.error("a session could not be delivered; it is tried again", { sessionID, error })
          failed.push(index)
        })
      }
    }
    await Promise.all(Array.from({ length: width }, work))
    // A stream is taken up again at the first that failed, and goes on from there.
    const from = Records[Math.min(...failed)]?.dynamodb?.SequenceNumber
    return { batchItemFailures: from ? [{ itemIdentifier: from }] : [] }
  }
}
