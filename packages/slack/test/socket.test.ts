import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { WebSocketServer, type WebSocket } from "ws"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { connect } from "../src/socket.ts"
import { Fake } from "./fake/index.ts"
import { queue, slack } from "./place.ts"

/** Socket mode, with the real client of Slack. */

const http = createServer()
const sockets = new WebSocketServer({ server: http })
const live = new Set<WebSocket>()
const heard: string[] = []
const waiting: { until(): boolean; resolve(): void }[] = []

const changed = () => {
  for (const item of waiting.splice(0)) {
    if (item.until()) item.resolve()
    else waiting.push(item)
  }
}
const when = (until: () => boolean) =>
  new Promise<void>((resolve) => {
    waiting.push({ until, resolve })
    changed()
  })

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  sockets.on("connection", (socket) => {
    live.add(socket)
    socket.on("close", () => {
      live.delete(socket)
      changed()
    })
    socket.on("message", (data) => {
      heard.push(JSON.parse(String(data)).envelope_id)
      changed()
    })
    socket.send(JSON.stringify({ type: "hello" }))
    changed()
  })
  slack.openSockets(() => `ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
})
afterEach(() => {
  queue.state.broken = false
  queue.sent.length = 0
})
afterAll(() => {
  for (const socket of live) socket.terminate()
  sockets.close()
  http.close()
})

let envelopes = 0
function send(payload: object) {
  const envelope_id = `e${++envelopes}`
  const [socket] = live
  socket?.send(JSON.stringify({ type: "events_api", envelope_id, payload, accepts_response_payload: false }))
  return envelope_id
}

test("what comes is stored and only then acknowledged; a lost connection is made anew", async () => {
  const socket = connect(Fake.appToken)
  await when(() => live.size === 1)
  const said = Fake.event({ text: Fake.mention("Hi"), ts: slack.next() })
  const first = send(said)
  await when(() => heard.includes(first))
  expect(queue.sent).toEqual([said])

  // Slack asks to connect anew every few hours, and networks break.
  for (const break_ of [
    (one: WebSocket) => one.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" })),
    (one: WebSocket) => one.terminate(),
  ]) {
    const [before] = live
    if (before) break_(before)
    await when(() => live.size === 1 && !live.has(before as WebSocket))
    const next = send(Fake.event({ text: Fake.mention("Again"), ts: slack.next() }))
    await when(() => heard.includes(next))
  }
  expect(queue.sent).toHaveLength(3)

  await socket.close()
  await when(() => live.size === 0)
}, 60_000)

test("what could not be stored is not acknowledged, so that Slack sends it again", async () => {
  const socket = connect(Fake.appToken)
  await when(() => live.size === 1)
  queue.state.broken = true
  const refused = queue.refused()
  const lost = send(Fake.event({ text: Fake.mention("Hi"), ts: slack.next() }))
  await refused
  queue.state.broken = false
  const kept = send(Fake.event({ text: Fake.mention("Hi"), ts: slack.next() }))
  await when(() => heard.includes(kept))
  await socket.close()
  await when(() => live.size === 0)
  expect(heard).not.toContain(lost)
}, 60_000)

test("it goes on trying when Slack is not there at first", async () => {
  slack.fate("apps.connections.open", { status: 503 }, 2)
  const socket = connect(Fake.appToken)
  await when(() => live.size === 1)
  await socket.close()
  await when(() => live.size === 0)
}, 60_000)
