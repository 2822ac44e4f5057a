import type { Client } from "@remote-swe/core/client"
import type { Read } from "@remote-swe/core/log/schema"

/** A session as a client sees it: all events so far, and promises for those to come. */
export async function follow(api: Client.Rest, sessionID: string) {
  const events: Read[] = []
  const waiting: { until(): boolean; resolve(): void }[] = []
  const stop = new AbortController()

  function settle() {
    for (const [index, item] of [...waiting.entries()].toReversed())
      if (item.until()) {
        waiting.splice(index, 1)
        item.resolve()
      }
  }

  const ended = (async () => {
    for await (const event of api.stream(sessionID, { signal: stop.signal })) {
      events.push(event)
      settle()
    }
  })()

  return {
    events,
    /** Resolves when `until` holds, which is asked now and after each event. */
    when: (until: () => boolean) =>
      new Promise<void>((resolve) => {
        waiting.push({ until, resolve })
        settle()
      }),
    async close() {
      stop.abort()
      await ended
    },
  }
}

/** Whether everything that was said is answered, and the turn has ended. */
export function isAnswered(events: readonly Read[]) {
  const unread = new Set<number>()
  let turnID: string | undefined
  for (const event of events) {
    if (event.kind === "message") unread.add(event.seq)
    if (event.kind === "output") for (const seq of event.read) unread.delete(seq)
    if (event.kind !== "turn") continue
    if (event.turn.phase === "started") for (const seq of event.turn.read) unread.delete(seq)
    turnID = event.turn.phase === "started" ? event.turn.turnID : undefined
  }
  return unread.size === 0 && turnID === undefined && events.length > 0
}
