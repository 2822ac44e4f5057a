import { setTimeout as delay } from "node:timers/promises"
import { Logger } from "@remote-swe/core/logger"
import { options } from "@remote-swe/core/slack/client"
import { enqueue } from "@remote-swe/core/slack/queue"
import { SocketModeClient } from "@slack/socket-mode"
import * as v from "valibot"
import { isRelevant } from "./relevant.ts"

/** Socket mode, for where Slack cannot reach us: the same events over a connection that we open. */

const Envelope = v.object({ body: v.unknown(), ack: v.function() })
const longestPauseMs = 60_000

/** Keeps a connection until `close`. What comes is stored before Slack is told that we have it. */
export function connect(appToken: string) {
  const ending = new AbortController()
  const { logger, ...clientOptions } = options()
  // The client's own way to reconnect ends the process when the network is away.
  const client = new SocketModeClient({ appToken, logger, clientOptions, autoReconnectEnabled: false })

  client.on("slack_event", (envelope: unknown) => {
    const { body, ack } = v.parse(Envelope, envelope)
    take(body)
      .then(() => ack())
      // Slack sends it again to whoever is connected then.
      .catch((error: unknown) => Logger.error("what Slack sent could not be stored", { error }))
  })

  async function keep() {
    for (let failures = 0; !ending.signal.aborted;) {
      const lost = new Promise<void>((resolve) => client.once("disconnected", () => resolve()))
      const failed = await client.start().then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      if (failed && !ending.signal.aborted) Logger.warn("no connection to Slack; trying again", failed)
      failures = failed ? failures + 1 : 0
      if (!failed) await lost
      await delay(failures === 0 ? 0 : Math.min(500 * 2 ** failures, longestPauseMs), undefined, {
        signal: ending.signal,
      }).catch(() => undefined)
    }
  }

  const kept = keep()
  return {
    async close() {
      ending.abort()
      await client.disconnect()
      await kept
    },
  }
}

async function take(body: unknown) {
  if (isRelevant(body)) await enqueue(body)
}
