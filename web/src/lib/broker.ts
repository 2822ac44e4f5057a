import type { Access } from "@remote-swe/core/realtime/schema"
import type { IClientOptions, MqttClient } from "mqtt"

interface Options {
  /** A fresh token and where to go with it. */
  access(): Promise<Access>
  /** The link is up, or it went down: whoever reads logs should catch up. */
  changed(connected: boolean): void
}

type Listener = (payload: unknown) => void

const firstDelayMs = 300
const maxDelayMs = 10_000
const connectMs = 8_000
/** A token is renewed so long before it ends. */
const marginMs = 60_000

/**
 * One connection to the broker, for ever: it comes back after every loss with growing pauses, at once
 * when the browser is online or looked at again, and with a new token before the old one ends.
 */
export function createBroker(options: Options) {
  const listeners = new Map<string, Set<Listener>>()
  let client: MqttClient | undefined
  let root = ""
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let connecting = false
  let closed = false

  async function connect() {
    if (connecting || closed) return
    connecting = true
    clearTimeout(timer)
    await open()
      .then(up, down)
      .finally(() => {
        connecting = false
      })
  }

  async function open() {
    const [access, mqtt] = await within(connectMs, Promise.all([options.access(), import("mqtt")]))
    const settings: IClientOptions = {
      protocolVersion: 5,
      reconnectPeriod: 0,
      connectTimeout: connectMs,
      keepalive: 30,
      // Else it starts a worker from a blob, which the page's security policy forbids.
      timerVariant: "native",
      username: "",
      password: access.token,
      clientId: `dashboard_${crypto.randomUUID()}`,
    }
    // Without retries of its own: else it would wait for ever on a connection that was closed in the handshake.
    const next = await mqtt.default.connectAsync(access.url, settings, false)
    client?.removeAllListeners("close").end(true)
    client = next
    root = access.root
    next.on("message", (topic, payload) => dispatch(topic.slice(root.length + 1), payload))
    next.on("close", down)
    // An error is followed by `close`; without a listener it would end the page's script.
    next.on("error", () => next.end(true))
    await Promise.all([...listeners.keys()].map((topic) => next.subscribeAsync(`${root}/${topic}`, { qos: 1 })))
    timer = setTimeout(connect, Math.max(marginMs, access.expiresAt - Date.now() - marginMs))
  }

  function up() {
    attempt = 0
    options.changed(true)
  }

  function down() {
    if (closed) return
    client?.removeAllListeners("close").end(true)
    client = undefined
    options.changed(false)
    clearTimeout(timer)
    const pause = Math.min(maxDelayMs, firstDelayMs * 2 ** attempt++)
    timer = setTimeout(connect, pause * (0.5 + Math.random() / 2))
  }

  function dispatch(topic: string, payload: Uint8Array) {
    const message: unknown = JSON.parse(new TextDecoder().decode(payload))
    for (const listener of listeners.get(topic) ?? []) listener(message)
  }

  return {
    connect,
    /** Tries at once, where a pause would be waited for. */
    wake() {
      if (client?.connected) return
      attempt = 0
      void connect()
    },
    /** `topic` without its root. */
    listen(topic: string, listener: Listener) {
      const known = listeners.get(topic)
      listeners.set(topic, (known ?? new Set()).add(listener))
      if (!known && client?.connected) void client.subscribeAsync(`${root}/${topic}`, { qos: 1 }).catch(down)
      return () => {
        const rest = listeners.get(topic)
        rest?.delete(listener)
        if (rest?.size) return
        listeners.delete(topic)
        if (client?.connected) void client.unsubscribeAsync(`${root}/${topic}`).catch(down)
      }
    },
    close() {
      closed = true
      clearTimeout(timer)
      client?.end(true)
    },
  }
}

export type Broker = ReturnType<typeof createBroker>

/** A request that gets no answer must not hold up the next try. */
async function within<Result>(ms: number, work: Promise<Result>) {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(new Error(`No answer within ${ms} ms`)), ms)
  return Promise.race([work, limit.promise]).finally(() => clearTimeout(timer))
}
