import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { Client } from "../../src/client/index.ts"
import { decide, retryAfterMs } from "../../src/client/retry.ts"
import { messages } from "../../src/client/stream.ts"
import { Identifier } from "../../src/identifier.ts"

describe("whether to send a request again", () => {
  const policy = { attempts: 5, pauseMs: 5_000 }
  const answer = (status: number, code?: string) => ({ type: "answer", status, code }) as const

  test.each([408, 425, 429, 500, 502, 503, 504])("%i passes: again", (status) => {
    expect(decide(answer(status), 1, policy, 0.5).type).toBe("again")
  })
  test.each([400, 401, 403, 404, 405, 409, 413, 422])("%i stays: not again", (status) => {
    expect(decide(answer(status), 1, policy, 0.5).type).toBe("give-up")
  })
  test("no answer passes, and so does the first run of this very request", () => {
    expect(decide({ type: "unreachable" }, 1, policy, 0).type).toBe("again")
    expect(decide(answer(409, "idempotency.busy"), 1, policy, 0).type).toBe("again")
    expect(decide(answer(409, "log.conflict"), 1, policy, 0).type).toBe("give-up")
  })

  test("it ends, with pauses that grow, stay within bounds, and are never shorter than asked for", () => {
    const wait = fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        wait,
        (attempt, random, asked) => {
          const next = decide({ type: "answer", status: 503, retryAfterMs: asked }, attempt, policy, random)
          expect(next.type).toBe(attempt < policy.attempts ? "again" : "give-up")
          if (next.type === "give-up") return
          expect(next.afterMs).toBeGreaterThanOrEqual(Math.min(60_000, asked ?? 0))
          expect(next.afterMs).toBeLessThanOrEqual(Math.max(policy.pauseMs, Math.min(60_000, asked ?? 0)))
        },
      ),
    )
  })

  test("Retry-After is seconds or a date", () => {
    const now = Date.parse("2026-11-22T10:00:00Z")
    expect(retryAfterMs("2", now)).toBe(2_000)
    expect(retryAfterMs("Sun, 22 Nov 2026 10:00:05 GMT", now)).toBe(5_000)
    expect(retryAfterMs("Sun, 22 Nov 2026 09:00:00 GMT", now)).toBe(0)
    for (const nothing of [null, "", "soon"]) expect(retryAfterMs(nothing, now)).toBeUndefined()
  })
})

describe("server-sent events", () => {
  const encode = (parts: string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    })
  const read = async (parts: string[]) => Array.fromAsync(messages(encode(parts)))

  test("are the same wherever the stream was cut", async () => {
    const whole =
      'retry: 1000\n\n: beat\n\nid: 1\ndata: {"text":"ü"}\n\nevent: deleted\r\ndata: {}\r\n\r\ndata: a\ndata: b\n\nid: 9\ndata: half'
    const expected = [
      { event: "message", data: '{"text":"ü"}' },
      { event: "deleted", data: "{}" },
      { event: "message", data: "a\nb" },
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length)), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        const parts = places.slice(1).map((end, index) => whole.slice(places[index], end))
        expect(await read(parts)).toEqual(expected)
      }),
    )
  })
})

describe("against a server that fails", () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void
  const plan: Answer[] = []
  const seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[] = []
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    seen.push({ ...(method && { method }), ...(url && { url }), headers, body: await text(request) })
    const next = plan.shift() ?? json(200, {})
    next(request, response)
  })
  let url = ""

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())
  beforeEach(() => {
    plan.length = 0
    seen.length = 0
  })

  const json =
    (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
    (_, response) =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
  const cut: Answer = (request) => void request.socket.destroy()
  const token = "swe_w_test"
  const worker = () => Client.worker({ url, token })

  test("what may pass is sent again, the same, until it is through", async () => {
    plan.push(cut, json(503, { code: "x", message: "Later" }, { "retry-after": "0" }), json(200, { head: 4 }))
    expect(await worker().append({ after: 3, events: [{ id: Identifier.create("event"), kind: "stop" }] })).toEqual({
      head: 4,
    })
    expect(seen).toHaveLength(3)
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1)
    expect(seen[0]).toMatchObject({ method: "POST", url: "/api/v1/worker/events" })
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${token}`)
  })

  test("what a person sends twice carries one Idempotency-Key", async () => {
    plan.push(cut, json(201, { id: "evt_1", seq: 2 }))
    const rest = Client.create({ url, key: "k" })
    expect(await rest.send("ses_1", { message: "Hi" })).toEqual({ id: "evt_1", seq: 2 })
    const keys = seen.map(({ headers }) => headers["idempotency-key"])
    expect(keys[0]).toMatch(/^[\w-]{36}$/)
    expect(keys[1]).toBe(keys[0])
  })

  test("what stays wrong is said at once", async () => {
    plan.push(json(409, { code: "log.conflict", message: "Read the tail" }))
    await expect(worker().heartbeat()).rejects.toMatchObject({ kind: "conflict", code: "log.conflict", status: 409 })
    expect(seen).toHaveLength(1)
  })

  test("an answer that is no problem of ours is told by its number", async () => {
    plan.push((_, response) => void response.writeHead(404).end("<html>"))
    await expect(worker().heartbeat()).rejects.toMatchObject({ kind: "missing", code: "api.status" })
  })

  test("an answer of another form is refused, one with more in it is taken", async () => {
    plan.push(json(200, { head: "x" }), json(200, { head: 5, later: true }))
    await expect(worker().heartbeat()).rejects.toMatchObject({ code: "api.answer" })
    expect((await worker().heartbeat()).head).toBe(5)
  })

  test("a redirect does not carry the secret away", async () => {
    plan.push(json(302, {}, { location: "http://127.0.0.1:1/" }))
    await expect(Client.create({ url, key: "k" }).get("ses_1")).rejects.toMatchObject({ status: 302 })
    expect(seen).toHaveLength(1)
  })

  test("a stream goes on where it was cut", async () => {
    const event = (seq: number) => {
      const body = { sessionID: Identifier.create("session"), seq, at: 1, actor: { type: "system" } }
      return `id: ${seq}\ndata: ${JSON.stringify({ ...body, id: Identifier.create("event"), kind: "stop" })}\n\n`
    }
    const stream =
      (text: string): Answer =>
      (request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(text, () => request.socket.destroy())
      }
    plan.push(stream(event(1) + event(2)), cut, stream(event(3)), stream("event: deleted\ndata: {}\n\n"))
    const events = await Array.fromAsync(Client.create({ url, key: "k" }).stream("ses_1"))
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(seen.map(({ url }) => url?.split("?")[1])).toEqual(["after=0", "after=2", "after=2", "after=3"])
  })
})
