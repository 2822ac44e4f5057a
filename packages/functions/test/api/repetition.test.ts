import { Idempotency } from "@remote-swe/core/idempotency"
import { Identifier } from "@remote-swe/core/identifier"
import type { Session } from "@remote-swe/core/session"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { append, call, event, join, key, workerToken } from "./util.ts"

/** A request with an Idempotency-Key is done once, whatever happens to its first run. */

let secret = ""
beforeAll(async () => {
  secret = await key()
})

const send = (path: string, body: unknown, repeat: string, by = secret) =>
  call("POST", path, { key: by, body, headers: { "idempotency-key": repeat } })
const titled = async (title: string) => {
  const { json } = await call("GET", `/sessions?search=${title}`, { key: secret })
  return json.items as Session.Info[]
}
const messages = async (id: string) => {
  const { json } = await call("GET", `/sessions/${id}/events`, { key: secret })
  return json.items.filter((item: { kind: string }) => item.kind === "message")
}
const later = () => vi.spyOn(Date, "now").mockReturnValue(Date.now() + Idempotency.leaseMs + 1)

describe("a repeated request", () => {
  test("is answered as the first one was", async () => {
    const body = { message: "Hi", title: "replayed" }
    const first = await send("/sessions", body, "a")
    const second = await send("/sessions", body, "a")
    expect(second).toMatchObject({ status: 201, text: first.text })
    expect(first.headers.get("idempotency-replayed")).toBeNull()
    expect(second.headers.get("idempotency-replayed")).toBe("true")
    expect(await titled("replayed")).toHaveLength(1)
  })

  test("with another body is refused", async () => {
    await send("/sessions", { message: "Hi" }, "b")
    expect(await send("/sessions", { message: "Ho" }, "b")).toMatchObject({
      status: 409,
      json: { code: "idempotency.body" },
    })
  })

  test("of another key, or for another route, is another request", async () => {
    const { json } = await send("/sessions", { message: "Hi" }, "c")
    expect((await send("/sessions", { message: "Ho" }, "c", await key())).status).toBe(201)
    expect((await send(`/sessions/${json.id}/messages`, { message: "Ho" }, "c")).status).toBe(202)
  })

  test("is tried again after a refusal", async () => {
    const body = { message: "Hi", title: "refused", model: "gpt" }
    expect((await send("/sessions", body, "d")).status).toBe(400)
    expect((await send("/sessions", body, "d")).status).toBe(400)
    expect(await titled("refused")).toHaveLength(0)
  })

  test("for a key does not show the secret again", async () => {
    const first = await send("/keys", { name: "once" }, "e")
    expect(first.status).toBe(201)
    const second = await send("/keys", { name: "once" }, "e")
    expect(second).toMatchObject({ status: 409, json: { code: "idempotency.secret" } })
    expect(second.text).not.toContain(first.json.secret)
    const { json } = await call("GET", "/keys", { key: secret })
    expect(json.items.filter((item: { name: string }) => item.name === "once")).toHaveLength(1)
  })
})

test("of twenty at once, one is done and the others wait or read its answer", async () => {
  const body = { message: "Hi", title: "raced" }
  const answers = await Promise.all(Array.from({ length: 20 }, () => send("/sessions", body, "race")))
  const done = answers.filter(({ status }) => status === 201)
  const waiting = answers.filter(({ json }) => json.code === "idempotency.busy")
  expect(done.length).toBeGreaterThan(0)
  expect(done.length + waiting.length).toBe(20)
  expect(new Set(done.map(({ json }) => json.id)).size).toBe(1)
  expect(await titled("raced")).toHaveLength(1)
  expect(await messages(done[0]?.json.id)).toHaveLength(1)
})

describe("a request that broke off is repeated", () => {
  test("while it may still run: it has to wait", async () => {
    const crash = vi.spyOn(Idempotency, "settle").mockRejectedValueOnce(new Error("killed"))
    const quiet = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    expect((await send("/sessions", { message: "Hi" }, "f")).status).toBe(500)
    crash.mockRestore()
    quiet.mockRestore()
    expect(await send("/sessions", { message: "Hi" }, "f")).toMatchObject({
      status: 409,
      json: { code: "idempotency.busy" },
    })
  })

  /** Runs a request whose process dies after its work, then repeats it when its claim has run out. */
  async function crashed(path: string, body: unknown, repeat: string) {
    const crash = vi.spyOn(Idempotency, "settle").mockRejectedValueOnce(new Error("killed"))
    const quiet = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    expect((await send(path, body, repeat)).status).toBe(500)
    crash.mockRestore()
    quiet.mockRestore()
    const clock = later()
    const again = await send(path, body, repeat)
    clock.mockRestore()
    return again
  }

  test("a session is not started twice", async () => {
    const again = await crashed("/sessions", { message: "Hi", title: "crashed" }, "g")
    expect(again.status).toBe(201)
    expect((await titled("crashed")).map((item) => item.id)).toEqual([again.json.id])
    expect(await messages(again.json.id)).toHaveLength(1)
  })

  test("a message is not said twice", async () => {
    const { json } = await send("/sessions", { message: "Hi" }, "h")
    const again = await crashed(`/sessions/${json.id}/messages`, { message: "Once" }, "i")
    expect(again).toMatchObject({ status: 202, json: { seq: 2 } })
    expect(await messages(json.id)).toHaveLength(2)
  })

  test("a copy is not made twice", async () => {
    const { json } = await send("/sessions", { message: "Hi", title: "copied" }, "j")
    const token = await workerToken(json.id)
    const turnID = Identifier.create("turn")
    await append(token, 1, [
      join(1),
      event({ kind: "turn", turn: { phase: "started", turnID, read: [1] } }),
      event({ kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } }),
    ])
    const again = await crashed(`/sessions/${json.id}/fork`, { message: "Go on" }, "k")
    expect(again.status).toBe(201)
    expect(await titled("copied")).toHaveLength(2)
    expect(await messages(again.json.id)).toHaveLength(2)
  })

  test("a key is replaced, so that one that nobody saw does not live on", async () => {
    const again = await crashed("/keys", { name: "crashed" }, "l")
    expect(again.status).toBe(201)
    const { json } = await call("GET", "/keys", { key: secret })
    expect(json.items.filter((item: { name: string }) => item.name === "crashed")).toHaveLength(1)
    expect((await call("GET", "/sessions", { key: again.json.secret })).status).toBe(200)
  })
})

const isNoKey = { status: 400, json: { code: "idempotency.key" } }

test("a key for repetition must be text", async () => {
  for (const repeat of [" ", "ä"]) expect(await send("/sessions", { message: "Hi" }, repeat)).toMatchObject(isNoKey)
})

test("a key for repetition is not longer than it may be", async () => {
  expect(await send("/sessions", { message: "Hi" }, "x".repeat(201))).toMatchObject(isNoKey)
  expect(await send("/sessions", { message: "Hi" }, "x".repeat(200))).toMatchObject({ status: 201 })
})
