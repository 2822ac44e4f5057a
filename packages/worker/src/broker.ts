import { Logger } from "@remote-swe/core/logger"
import { Nudge } from "@remote-swe/core/protocol/schema"
import type { Access } from "@remote-swe/core/realtime/schema"
import { Topic } from "@remote-swe/core/realtime/topic"
import { connectAsync, type MqttClient } from "mqtt"
import * as v from "valibot"

export interface Options {
  sessionID: string
  first: Access
  /** A fresh token. */
  renew(): Promise<Access>
  /** The log has grown to `head`. */
  onNudge(head: number): void
}

export type Broker = ReturnType<typeof open>

const firstDelayMs = 500
const longestDelayMs = 30_000
const connectMs = 10_000
const earlyLimit = 200
const marginMs = 5 * 60_000

/** The connection to the broker, which comes back by itself. Without it the worker is slower and no worse. */
export function open({ sessionID, first, renew, onNudge }: Options) {
  let client: MqttClient | undefined
  let access: Access | undefined = first
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false
  let deltas = ""
  /** What was to be shown before the first connection was there. */
  let early: unknown[] | undefined = []

  async function connect() {
    const used = access ?? (await renew())
    // The next connection takes a new token, whether this one breaks or its token ends.
    access = undefined
    const next = await connectAsync(used.url, {
      reconnectPeriod: 0,
      connectTimeout: connectMs,
      keepalive: 30,
      username: "worker",
      password: used.token,
      clientId: `worker_${crypto.randomUUID()}`,
      queueQoSZero: false,
    })
    if (closed) return void next.end(true)
    next.on("error", () => next.end(true))
    next.on("close", () => lost(next))
    next.on("message", (_, payload) => hear(payload))
    await next.subscribeAsync(Topic.session(used.root, sessionID, "inbox"), { qos: 1 })
    client = next
    failures = 0
    deltas = Topic.session(used.root, sessionID, "delta")
    for (const delta of early ?? []) show(delta)
    early = undefined
    later(() => next.end(true), Math.max(marginMs, used.expiresAt - Date.now() - marginMs))
  }

  function show(delta: unknown) {
    if (client?.connected) client.publish(deltas, JSON.stringify(delta), { qos: 0 })
    else if (early && early.length < earlyLimit) early.push(delta)
  }

  function hear(payload: Uint8Array) {
    const nudge = v.safeParse(v.pipe(v.string(), v.parseJson(), Nudge), new TextDecoder().decode(payload))
    if (nudge.success) onNudge(nudge.output.head)
  }

  function lost(which: MqttClient) {
    if (client === which) client = undefined
    retry()
  }

  function retry(error?: unknown) {
    if (closed) return
    early = undefined
    if (failures++ === 0 && error) Logger.warn("the broker cannot be reached; asking for news instead", { error })
    const pause = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1))
    later(start, pause * (0.5 + Math.random() / 2))
  }

  function later(work: () => void, ms: number) {
    clearTimeout(timer)
    timer = setTimeout(work, ms).unref()
  }

  const start = () => void connect().catch(retry)
  start()

  return {
    connected: () => client?.connected === true,
    /** Shows a delta to whoever is looking. What nobody can get is dropped. */
    show,
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.endAsync(true)
    },
  }
}
