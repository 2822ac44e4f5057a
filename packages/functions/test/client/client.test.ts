import { Client } from "@remote-swe/core/client"
import { Identifier } from "@remote-swe/core/identifier"
import { beforeAll, describe, expect, test } from "vitest"
import { app } from "../../src/api/app.ts"
import { event, join, key, missing, workerToken } from "../api/util.ts"

/** The client against the real API: what one sends, the other takes, and what one answers, the other reads. */

const url = "http://api.test"
const ask: typeof fetch = async (input, init) =>
  String(input).startsWith(url) ? app.request(String(input), init) : fetch(input, init)

let rest: Client.Rest
beforeAll(async () => {
  rest = Client.create({ url, key: await key(), fetch: ask })
})

async function start(message = "Fix the test") {
  const session = await rest.create({ message })
  const token = await workerToken(session.id)
  return { id: session.id, worker: Client.worker({ url: `${url}/api/v1/`, token, fetch: ask }) }
}
const note = (text: string) => event({ kind: "notice", level: "info", code: "test", text })

describe("the client of people's programs", () => {
  test("starts, reads, lists, changes and deletes sessions", async () => {
    const { id } = await start("A task for the client")
    expect((await rest.get(id)).id).toBe(id)
    expect((await rest.list({ search: "for the client", limit: 1 })).items.map((item) => item.id)).toEqual([id])
    expect((await rest.update(id, { title: "Renamed" })).title).toBe("Renamed")
    expect(await rest.send(id, { message: "More" })).toMatchObject({ seq: 3 })
    expect((await rest.stop(id)).unread).toEqual([])
    expect((await rest.complete(id)).status).toBe("done")
    expect((await rest.events(id, { after: 1, limit: 2 })).items.map((item) => item.kind)).toEqual(["title", "message"])
    expect(await rest.event(id, 1)).toMatchObject({ kind: "message", text: "A task for the client" })
    expect(await rest.diff(id)).toEqual({ repositories: [] })
    expect((await rest.artifacts(id)).items).toEqual([])
    await rest.remove(id)
    await expect(rest.get(id)).rejects.toMatchObject({ status: 404, kind: "missing", code: "session.missing" })
  })

  test("knows models and usage", async () => {
    expect((await rest.models()).initial).toBe("claude-sonnet-4-5")
    expect((await rest.usage({ from: "2026-01-01", to: "2026-01-02" })).days).toEqual([])
  })

  test("uploads a file, sends it, and reads it back", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(40_000))
    const file = await rest.upload("data.bin", "application/octet-stream", bytes)
    const { id } = await rest.create({ message: "See", files: [file] })
    expect(await rest.event(id, 1)).toMatchObject({ files: [file] })
    expect(await rest.download(file)).toEqual(bytes)
  })

  test("follows a session until it has seen enough", async () => {
    const { id, worker } = await start()
    const seen: string[] = []
    const stop = new AbortController()
    for await (const event of rest.stream(id, { signal: stop.signal })) {
      seen.push(`${event.seq} ${event.kind}`)
      if (event.seq === 1) await worker.append({ after: 1, events: [join(1), note("a")] })
      if (event.seq === 3) stop.abort()
    }
    expect(seen).toEqual(["1 message", "2 joined", "3 notice"])
  })

  test("says what is wrong in the API's own words", async () => {
    await expect(rest.create({ message: "" })).rejects.toMatchObject({
      status: 400,
      kind: "input",
      code: "body.invalid",
      message: expect.stringContaining("message"),
    })
    const stranger = Client.create({ url, key: "swe_k_stranger", fetch: ask })
    await expect(stranger.list()).rejects.toMatchObject({ kind: "unauthorized", code: "key.unknown" })
  })
})

describe("the client of workers", () => {
  test("does a worker's whole day", async () => {
    const { id, worker } = await start()
    const assignment = await worker.session()
    expect(assignment).toMatchObject({ session: { id }, generation: 1, model: { id: "claude-sonnet-4-5" } })
    expect(await worker.append({ after: 1, events: [join(1), note("a")] })).toEqual({ head: 3 })
    expect(await worker.heartbeat()).toEqual({ head: 3 })
    const { events, head } = await worker.events({ after: 1 })
    expect({ head, kinds: events.map((event) => event.kind) }).toEqual({ head: 3, kinds: ["joined", "notice"] })
    expect((await worker.realtime()).root).toBe("remote-swe/test")
    await worker.diff({ repositories: [] })
    expect(await worker.credential("https://github.com/owner/name")).toEqual({})
    const bytes = new TextEncoder().encode("whole output")
    const file = await worker.upload("output.txt", "text/plain", bytes)
    expect(await worker.download(file)).toEqual(bytes)
  })

  test("sends many and large events in parts, in order", async () => {
    const { worker } = await start()
    const small = Array.from({ length: 120 }, (_, index) => note(`${index}`))
    const large = [1, 2, 3].map((index) =>
      event({
        kind: "result",
        turnID: missing("turn"),
        callID: `c${index}`,
        name: "bash",
        content: [{ type: "text", text: "x".repeat(1_900_000) }],
        error: false,
        durationMs: 1,
      }),
    )
    expect(await worker.append({ after: 1, events: [join(1), ...small, ...large] })).toEqual({ head: 125 })
    const { events } = await worker.events({ after: 1, limit: 200 })
    expect(events.map((item) => item.seq)).toEqual(Array.from({ length: events.length }, (_, index) => index + 2))
    expect(events.length).toBeLessThan(124)
  })

  test("is told of a lost race and of its replacement", async () => {
    const { id, worker } = await start()
    await worker.append({ after: 1, events: [join(1)] })
    await rest.send(id, { message: "Wait" })
    const late = worker.append({ after: 2, events: [note("late")] })
    await expect(late).rejects.toMatchObject({ status: 409, kind: "conflict", code: "log.conflict" })
    await workerToken(id, 2)
    await expect(worker.heartbeat()).rejects.toMatchObject({ status: 401, kind: "unauthorized" })
  })

  test("names no file of another session", async () => {
    const { worker } = await start()
    const other = await start()
    const file = await other.worker.upload("a.txt", "text/plain", new TextEncoder().encode("a"))
    await expect(worker.download(file)).rejects.toMatchObject({ status: 404 })
    await expect(worker.download({ id: Identifier.create("file") })).rejects.toMatchObject({ status: 404 })
  })
})
