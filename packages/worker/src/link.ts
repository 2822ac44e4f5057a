import type { Client } from "@remote-swe/core/client"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { type Assignment, heartbeatMs, outdated } from "@remote-swe/core/protocol/schema"
import * as Broker from "./broker.ts"
import type { Journal } from "./journal.ts"

/** How often news are asked for without a broker. With one, heartbeats tell of what it lost. */
const pollMs = 1_000
/** The client tries a request for about a minute; the API may be away for longer. */
const mostTries = 15

const ends: readonly string[] = ["log.replaced", outdated]

/** Whether the session is no longer ours, or never will be: then nothing more may be written. */
export function isOver(error: unknown) {
  return error instanceof VisibleError && (ends.includes(error.code) || error.kind === "unauthorized")
}

/** The log, for a worker that has nothing else to do while it cannot be reached. */
export function patient(client: Client.Worker, leave: AbortSignal): Journal.Store {
  async function patiently<Result>(work: () => Promise<Result>, tries = 1): Promise<Result> {
    return work().catch((error: unknown) => {
      const isAway = error instanceof VisibleError && error.kind === "limit"
      if (!isAway || leave.aborted || tries === mostTries) throw error
      Logger.warn("the API cannot be reached; trying again", { tries, error })
      return patiently(work, tries + 1)
    })
  }
  return {
    append: (input) => patiently(() => client.append(input)),
    events: (input) => patiently(() => client.events(input)),
  }
}

export interface Options {
  client: Client.Worker
  assignment: Assignment
  journal: Journal.Journal
  /** Aborted when the session turns out to be no longer ours. */
  over: AbortController
}

export type Link = ReturnType<typeof open>

/** Heartbeats, and news of the log: at once over the broker, and soon without. */
export function open({ client, assignment, journal, over }: Options) {
  let pulling = false
  /** The highest head that we were told of. */
  let told = 0

  const failed = (error: unknown) => {
    if (isOver(error)) return over.abort(error)
    Logger.warn("news could not be read", { error })
  }

  async function pull(to?: number) {
    // The log is first read when everything that listens to it is there.
    if (journal.head === 0 || pulling || over.signal.aborted) return
    pulling = true
    await journal.pull(to).catch(failed)
    pulling = false
    if (told > journal.head) await pull(told)
  }

  function hear(head: number) {
    told = Math.max(told, head)
    if (told > journal.head) void pull(told)
  }

  const broker = Broker.open({
    sessionID: assignment.session.id,
    first: assignment.realtime,
    renew: () => client.realtime(),
    onNudge: hear,
  })
  let beaten = performance.now()
  const beat = setInterval(() => {
    if (!journal.needsWork() && performance.now() - beaten < heartbeatMs.idle) return
    beaten = performance.now()
    void client.heartbeat().then(({ head }) => hear(head), failed)
  }, heartbeatMs.busy)
  const poll = setInterval(() => {
    if (!broker.connected()) void pull()
  }, pollMs)

  return {
    show: broker.show,
    async close() {
      clearInterval(beat)
      clearInterval(poll)
      await broker.close()
    },
  }
}
