import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Resource } from "sst"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { Realtime } from "../../src/realtime/index.ts"

/** IoT's own address for publishing, as far as the SDK uses it. */
const sent: { topic: string; body: string }[] = []
const state = { status: 200 }
const server = createServer(async (request, response) => {
  const body = await text(request)
  sent.push({ topic: decodeURIComponent(request.url?.split("?")[0]?.slice("/topics/".length) ?? ""), body })
  response.statusCode = state.status
  response.end("{}")
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  process.env["AWS_ENDPOINT_URL_IOT_DATA_PLANE"] = `http://127.0.0.1:${port}`
})
afterAll(() => void server.close())
afterEach(() => {
  sent.length = 0
  state.status = 200
})

test("a message reaches its topic", async () => {
  await Realtime.publish("a/b/session/ses_1/events", { seq: 1, event: { text: "ü" } })
  expect(sent).toEqual([{ topic: "a/b/session/ses_1/events", body: '{"seq":1,"event":{"text":"ü"}}' }])
})

test("what is too large for the broker goes as its place only", async () => {
  const event = { text: "ü".repeat(Realtime.maxBytes / 2) }
  await Realtime.publish("t", { seq: 7, event })
  await Realtime.publish("t", { id: "ses_1", head: 9, todo: [event] })
  expect(sent.map(({ body }) => body)).toEqual(['{"seq":7}', '{"id":"ses_1","head":9}'])
})

test("a broker that fails fails nobody, and is named once for each kind of failure", async () => {
  const lines: string[] = []
  const log = vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0)
  state.status = 403
  for (let count = 0; count < 5; count++) await Realtime.publish("t", { seq: count })
  expect(lines).toHaveLength(1)
  state.status = 200
  await Realtime.publish("t", { seq: 6 })
  state.status = 403
  await Realtime.publish("t", { seq: 7 })
  log.mockRestore()
  expect(lines).toHaveLength(2)
})

test("clients are told where the broker is", () => {
  expect(Realtime.url()).toBe("ws://127.0.0.1:1/mqtt")
  const before = Resource.Realtime.endpoint
  Resource.Realtime.endpoint = "abc-ats.iot.eu-west-1.amazonaws.com"
  expect(Realtime.url()).toBe("wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt?x-amz-customauthorizer-name=test")
  Resource.Realtime.endpoint = before
})

test("a token says what it opens, and for whom", async () => {
  const actor = { type: "user", userID: "ada", name: "Ada" } as const
  const access = await Realtime.access(actor, { subscribe: ["a/*"], publish: [] })
  expect(access).toMatchObject({ url: "ws://127.0.0.1:1/mqtt", root: "remote-swe/test" })
  expect(await Realtime.verify(access.token)).toMatchObject({ subject: "user:ada", subscribe: ["a/*"], publish: [] })
  expect(access.expiresAt - Date.now()).toBeLessThanOrEqual(Realtime.personTokenMs)
})
