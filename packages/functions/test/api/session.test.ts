import { Actor } from "@remote-swe/core/actor"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import { Session } from "@remote-swe/core/session"
import { beforeAll, describe, expect, test } from "vitest"
import { append, call, event, join, key, missing, owner, workerToken } from "./util.ts"

let secret = ""
beforeAll(async () => {
  secret = await key()
})

const create = async (body: object = {}) => {
  const { status, json } = await call("POST", "/sessions", { key: secret, body: { message: "Fix the test", ...body } })
  expect(status).toBe(201)
  return json as Session.Info
}
const get = (path: string) => call("GET", path, { key: secret })
const post = (path: string, body?: unknown) => call("POST", path, { key: secret, body })

/** A session whose worker finished one turn. */
async function worked(bodies: Body[] = []) {
  const session = await create()
  const token = await workerToken(session.id)
  const turnID = Identifier.create("turn")
  await append(token, 1, [
    join(1),
    event({ kind: "turn", turn: { phase: "started", turnID, read: [1] } }),
    ...bodies,
    event({ kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } }),
  ])
  return { id: session.id, token, turnID }
}

describe("sessions", () => {
  test("a session starts with its message and is read, listed and found", async () => {
    const session = await create({ title: "Mend the parser", repository: "owner/name", budget: 3 })
    expect(session).toMatchObject({ title: "Mend the parser", status: "starting", repository: "owner/name", budget: 3 })
    expect((await get(`/sessions/${session.id}`)).json).toEqual(session)
    const list = await get("/sessions?search=mend+the&status=starting&limit=5")
    expect(list.json.items).toContainEqual(session)
  })

  test("a page of sessions leads to the next", async () => {
    for (const title of ["One of three", "Two of three", "Three of three"]) await create({ title })
    const first = await get("/sessions?limit=2&search=of+three")
    const second = await get(`/sessions?limit=2&search=of+three&cursor=${first.json.cursor}`)
    const titles = [...first.json.items, ...second.json.items].map((item: Session.Info) => item.title)
    expect(titles).toEqual(["Three of three", "Two of three", "One of three"])
    expect(second.json.cursor).toBeUndefined()
  })

  test("title, budget and status change", async () => {
    const { id } = await create()
    const patch = (body: object) => call("PATCH", `/sessions/${id}`, { key: secret, body })
    expect((await patch({ title: "Renamed", budget: 2.5 })).json).toMatchObject({ title: "Renamed", budget: 2.5 })
    expect((await patch({ budget: null })).json.budget ?? null).toBeNull()
  })

  test("a deleted session is gone with all that belongs to it", async () => {
    const { id } = await create()
    expect((await call("DELETE", `/sessions/${id}`, { key: secret })).status).toBe(204)
    for (const path of ["", "/events", "/events/1", "/stream", "/diff", "/artifacts"])
      expect((await get(`/sessions/${id}${path}`)).status, path).toBe(404)
    expect((await post(`/sessions/${id}/messages`, { message: "Hello?" })).status).toBe(404)
  })
})

describe("what is said to a session", () => {
  test("a message gets a place in the log", async () => {
    const { id } = await create()
    const said = await post(`/sessions/${id}/messages`, { message: "And the docs", delivery: "queue" })
    expect(said).toMatchObject({ status: 202, json: { seq: 2 } })
    const { json } = await get(`/sessions/${id}/events?after=1`)
    expect(json).toMatchObject({
      head: 2,
      items: [{ seq: 2, id: said.json.id, kind: "message", text: "And the docs", delivery: "queue", source: "api" }],
    })
    expect((await get(`/sessions/${id}/events/2`)).json).toEqual(json.items[0])
  })

  test("stop takes back what nobody has read; complete closes", async () => {
    const { id } = await create()
    expect((await post(`/sessions/${id}/stop`)).json).toMatchObject({ status: "idle", unread: [] })
    expect((await post(`/sessions/${id}/complete`, {})).json).toMatchObject({ status: "done" })
  })

  test("a question is answered once", async () => {
    const askID = Identifier.create("ask")
    const { id } = await worked([event({ kind: "ask", askID, type: "question", text: "Which one?", options: [] })])
    expect((await get(`/sessions/${id}`)).json).toMatchObject({ status: "waiting", waitingOn: { askID } })
    const answered = await post(`/sessions/${id}/answer`, { askID, text: "The first" })
    expect(answered).toMatchObject({ status: 200, json: { unread: [{ delivery: "steer" }] } })
    expect(await post(`/sessions/${id}/answer`, { askID, text: "The second" })).toMatchObject({
      status: 409,
      json: { code: "ask.over" },
    })
  })

  test("a copy goes on from the end of a turn", async () => {
    const { id } = await worked()
    const copy = await post(`/sessions/${id}/fork`, { message: "Now otherwise" })
    expect(copy.status).toBe(201)
    expect(copy.json).toMatchObject({ status: "starting", last: { text: "Now otherwise" } })
    expect(copy.json.id).not.toBe(id)
    const early = await post(`/sessions/${(await create()).id}/fork`)
    expect(early).toMatchObject({ status: 400, json: { code: "fork.early" } })
  })
})

test("an export goes on as a session of its own", async () => {
  const { id } = await worked()
  const { json } = await get(`/sessions/${id}/events`)
  const lines = json.items.map((event: unknown) => JSON.stringify(event)).join("\n")
  const made = await post("/files", {
    name: "events.jsonl",
    type: "application/x-ndjson",
    size: Buffer.byteLength(lines),
  })
  await fetch(made.json.upload.url, { method: "PUT", headers: made.json.upload.headers, body: lines })
  const brought = await post("/sessions/import", { title: "Brought", events: made.json.file.id })
  expect(brought).toMatchObject({ status: 201, json: { title: "Brought", status: "idle" } })
  expect(brought.json.id).not.toBe(id)
})

describe("what there is to see", () => {
  test("the diff is what the worker said last", async () => {
    const { id, token } = await worked()
    expect((await get(`/sessions/${id}/diff`)).json).toEqual({ repositories: [] })
    const change = { path: "a.txt", status: "modified", additions: 1, deletions: 0 }
    const diff = {
      repositories: [
        {
          name: "name",
          source: "owner/name",
          branch: "swe/1",
          base: "main",
          head: "abc",
          changes: [change],
          patch: "+ü\n",
          truncated: false,
        },
      ],
    }
    expect((await call("PUT", "/worker/diff", { key: token, body: diff })).status).toBe(204)
    expect((await get(`/sessions/${id}/diff`)).json).toEqual(diff)
  })

  test("artifacts are listed apart from all else", async () => {
    const artifact = { type: "branch", repository: "owner/name", branch: "swe/1", commit: "abc" } as const
    const { id } = await worked([event({ kind: "artifact", artifact })])
    const { json } = await get(`/sessions/${id}/artifacts`)
    expect(json).toEqual({ items: [{ seq: 4, at: expect.any(Number), artifact }] })
  })

  test("a large event is short in the list and whole by itself", async () => {
    const text = "long ".repeat(5_000)
    const { id } = await create({ message: text })
    const [listed] = (await get(`/sessions/${id}/events`)).json.items
    expect(listed.cut).toBe(true)
    expect(listed.text.length).toBeLessThan(10_000)
    expect((await get(`/sessions/${id}/events/1`)).json.text).toBe(text)
  })

  test("models, usage and health answer", async () => {
    const models = (await get("/models")).json
    expect(models).toMatchObject({ provider: "anthropic", initial: "claude-sonnet-4-5" })
    expect(models.items.map((item: { id: string }) => item.id)).toContain("claude-opus-5-5")
    expect(models.items.map((item: { id: string }) => item.id)).not.toContain("demo")
    expect((await get("/usage?from=2026-01-01&to=2026-01-31")).json).toMatchObject({ days: [], omitted: 0 })
    expect((await call("GET", "/health")).json).toEqual({ ok: true })
  })

  test("what a session spent shows in the usage of the day, also once it is deleted", async () => {
    const turnID = Identifier.create("turn")
    const { id } = await worked([
      event({
        kind: "output",
        turnID,
        read: [],
        content: [{ type: "text", text: "Done." }],
        model: "claude-opus-5-5",
        stopReason: "end",
        tokens: { input: 10, output: 20, cacheRead: 30, cacheWrite: 40 },
        cost: 0.25,
        durationMs: 5,
      }),
    ])
    const spent = async () => {
      const { json } = await get("/usage")
      return json.sessions.find((item: { sessionID: string }) => item.sessionID === id)
    }
    expect(await spent()).toMatchObject({ total: { calls: 1, cost: { usd: 0.25, unpriced: 0 } } })
    await Actor.provide(owner, () => Session.remove(id))
    expect(await spent()).toMatchObject({ total: { calls: 1, cost: { usd: 0.25, unpriced: 0 } } })
  })
})

test("every answer carries the request's id and is kept by nobody", async () => {
  const { headers } = await get(`/sessions/${missing("session")}`)
  expect(headers.get("x-request-id")).toMatch(/^req_/)
  expect(headers.get("cache-control")).toBe("no-store")
  expect(headers.get("x-content-type-options")).toBe("nosniff")
})

test("a copy has the files of what it copies, and keeps them", async () => {
  const made = await post("/files", { name: "a.txt", type: "text/plain", size: 3 })
  await fetch(made.json.upload.url, { method: "PUT", headers: made.json.upload.headers, body: "abc" })
  const { id, token, turnID } = await worked()
  await post(`/sessions/${id}/messages`, { message: "See", files: [made.json.file] })
  await append(token, 5, [
    event({ kind: "turn", turn: { phase: "started", turnID, read: [5] } }),
    event({ kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } }),
  ])
  const copy = await post(`/sessions/${id}/fork`, {})
  await call("DELETE", `/sessions/${id}`, { key: secret })
  const next = await workerToken(copy.json.id)
  const { json } = await call("GET", `/worker/files/${made.json.file.id}`, { key: next })
  expect(await (await fetch(json.url)).text()).toBe("abc")
})
