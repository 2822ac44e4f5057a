import type { Client } from "@remote-swe/core/client"
import type { Outcome, Read } from "@remote-swe/core/log/schema"

interface Options {
  api: Client.Rest
  sessionID: string
  show(lines: readonly Read[]): void
  signal: AbortSignal
}

/**
 * Shows a session as it goes, until it has nothing more to do; answers how its last turn ended.
 * Undefined where `signal` came first.
 */
export async function follow({ api, sessionID, show, signal }: Options): Promise<Outcome | undefined> {
  try {
    for await (const event of api.stream(sessionID, { signal })) {
      show([event])
      if (event.kind !== "turn" || event.turn.phase !== "ended") continue
      const { status, head } = await api.get(sessionID)
      // A message that came in meanwhile begins another turn.
      if (head === event.seq || !["starting", "working"].includes(status)) return event.turn.outcome
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return undefined
}
