import { Realtime } from "@remote-swe/core/realtime"
import { beforeAll, describe, expect, test } from "vitest"
import { append, call, event, join, key, missing, workerToken } from "./util.ts"

let secret = ""
beforeAll(async () => {
  secret = await key()
})

async function start(body: object = {}) {
  const { json } = await call("POST", "/sessions", { key: secret, body: { message: "Fix the test", ...body } })
  const id: string = json.id
  return { id, token: await workerToken(id) }
}
const note = (text: string) => event({ kind: "notice", level: "info", code: "test", text })

describe("a worker", () => {
  test("is told what to work on, and with what", async () => {
    const { id, token } = await start({ model: "claude-opus-5-5" })
    const { json } = await call("GET", "/worker/session", { key: token })
    expect(json).toMatchObject({
      session: { id, head: 1 },
      generation: 1,
      model: { id: "claude-opus-5-5", price: { input: 4, cacheRead: 0.2 } },
      provider: "anthropic",
      policy: { idleMs: 1_800_000 },
      realtime: { url: "ws://127.0.0.1:1/mqtt", root: "remote-swe/test" },
    })
  })

  test("says what it understands; below what the API serves it is refused, and told what happens", async () => {
    const { id, token } = await start()
    const ask = (query: string) => call("GET", `/worker/session${query}`, { key: token })
    expect((await ask("?protocol=1")).json).toMatchObject({ session: { id } })
    expect((await ask("?protocol=999")).json).toMatchObject({ session: { id } })
    expect(await ask("?protocol=0")).toMatchObject({
      status: 409,
      json: { code: "worker.outdated", message: expect.stringContaining("version 0") },
    })
    expect(await ask("?protocol=new")).toMatchObject({ status: 400 })
  })

  test("may hear of news and stream previews of its own session, and nothing else", async () => {
    const { id, token } = await start()
    const { json } = await call("GET", "/worker/realtime", { key: token })
    const topics = await Realtime.verify(json.token)
    expect(topics).toMatchObject({
      subscribe: [`remote-swe/test/session/${id}/inbox`],
      publish: [`remote-swe/test/session/${id}/delta`],
      expiresAt: Math.floor(json.expiresAt / 1000) * 1000,
    })
  })

  test("appends in order, repeats without harm, and is told of a lost race", async () => {
    const { id, token } = await start()
    const events = [join(1), note("one"), note("two")]
    expect(await append(token, 1, events)).toBe(4)
    expect(await append(token, 1, events)).toBe(4)
    await call("POST", `/sessions/${id}/messages`, { key: secret, body: { message: "Wait" } })
    const late = await call("POST", "/worker/events", { key: token, body: { after: 4, events: [note("three")] } })
    expect(late).toMatchObject({ status: 409, json: { code: "log.conflict" } })
    expect(await append(token, 5, [note("three")])).toBe(6)
  })

  test("reads events whole, a page at a time", async () => {
    const text = "long ".repeat(5_000)
    const { token } = await start({ message: text })
    await append(token, 1, [join(1), note("one")])
    const first = await call("GET", "/worker/events?limit=2", { key: token })
    expect(first.json).toMatchObject({ head: 3, events: [{ seq: 1, text }, { seq: 2 }] })
    const second = await call("GET", "/worker/events?after=2", { key: token })
    expect(second.json).toMatchObject({ head: 3, events: [{ seq: 3, text: "one" }] })
  })

  test("is given large events in several pages", async () => {
    const { token } = await start()
    await append(token, 1, [join(1)])
    for (const after of [2, 3]) {
      const text = "x".repeat(2_500_000)
      await append(token, after, [
        event({
          kind: "result",
          turnID: missing("turn"),
          callID: "c",
          name: "bash",
          content: [{ type: "text", text }],
          error: false,
          durationMs: 1,
        }),
      ])
    }
    const { json } = await call("GET", "/worker/events?after=2", { key: token })
    expect(json.head).toBe(4)
    expect(json.events.map((item: { seq: number }) => item.seq)).toEqual([3])
  })

  test("learns the head with every beat", async () => {
    const { token } = await start()
    expect((await call("POST", "/worker/heartbeat", { key: token })).json).toEqual({ head: 1 })
    expect((await call("POST", "/worker/heartbeat", { key: token, body: {} })).json).toEqual({ head: 1 })
  })

  test("is refused once another generation has taken over", async () => {
    const { id, token } = await start()
    await append(token, 1, [join(1)])
    const next = await workerToken(id, 2)
    for (const [method, path, body] of [
      ["GET", "/session", undefined],
      ["GET", "/events", undefined],
      ["POST", "/events", { after: 2, events: [note("late")] }],
      ["POST", "/heartbeat", {}],
      ["GET", "/realtime", undefined],
      ["PUT", "/diff", { repositories: [] }],
      ["POST", "/git-credential", { url: "https://github.com/owner/name" }],
      ["POST", "/files", { name: "a", type: "text/plain", size: 1 }],
    ] as const) {
      const answer = await call(method, `/worker${path}`, { key: token, ...(body && { body }) })
      expect(answer, path).toMatchObject({ status: 401, json: { code: "machine.token" } })
    }
    expect(await append(next, 2, [join(2)])).toBe(3)
  })

  test("may not say what only others may say, nor for another generation", async () => {
    const { token } = await start()
    const said = (body: object) =>
      call("POST", "/worker/events", { key: token, body: { after: 1, events: [{ id: missing("event"), ...body }] } })
    const message = { kind: "message", author: "me", source: "api", text: "hi", files: [], delivery: "steer" }
    expect(await said(message)).toMatchObject({ status: 403 })
    expect(await said({ kind: "stop" })).toMatchObject({ status: 403 })
    expect(await said({ kind: "joined", generation: 7, host: "x", version: "1", sandbox: "none" })).toMatchObject({
      status: 409,
      json: { code: "log.replaced" },
    })
  })

  test("keeps files of its session and reads no others", async () => {
    const { id, token } = await start()
    const made = await call("POST", "/worker/files", {
      key: token,
      body: { name: "shot.png", type: "image/png", size: 3 },
    })
    expect(made.status).toBe(201)
    await fetch(made.json.upload.url, { method: "PUT", headers: made.json.upload.headers, body: "png" })
    const path = `/files/${made.json.file.id}`
    const own = await call("GET", `/worker${path}`, { key: token })
    expect(await (await fetch(own.json.url)).text()).toBe("png")
    expect((await call("GET", path, { key: secret })).json.file).toEqual(made.json.file)
    const other = await start()
    expect((await call("GET", `/worker${path}`, { key: other.token })).status).toBe(404)
    await call("DELETE", `/sessions/${id}`, { key: secret })
    expect((await call("GET", path, { key: secret })).status).toBe(404)
    expect((await fetch(own.json.url)).status).toBe(404)
  })
})

describe("the GitHub token", () => {
  const credential = async (token: string, url: string) =>
    (await call("POST", "/worker/git-credential", { key: token, body: { url } })).json
  const granted = { username: "x-access-token", password: "ghp_only-in-tests" }

  test("is given for the session's repository, however that is spelled", async () => {
    for (const repository of [
      "Owner/Name",
      "https://github.com/owner/name.git",
      "git@github.com:owner/name.git",
      "ssh://git@github.com/owner/name",
    ]) {
      const { token } = await start({ repository })
      expect(await credential(token, "https://github.com/owner/name.git"), repository).toEqual(granted)
      expect(await credential(token, "https://github.com/owner/name/info/refs?service=git-upload-pack")).toEqual(
        granted,
      )
    }
  })

  test("is given for a repository that a person named in a message", async () => {
    const { id, token } = await start({ message: "Look at https://github.com/acme/tool/issues/3, please" })
    expect(await credential(token, "https://github.com/acme/tool")).toEqual(granted)
    expect(await credential(token, "https://github.com/acme/lib")).toEqual({})
    await call("POST", `/sessions/${id}/messages`, { key: secret, body: { message: "It needs (acme/lib)." } })
    expect(await credential(token, "https://github.com/acme/lib")).toEqual(granted)
  })

  test("goes nowhere else", async () => {
    const { token } = await start({ repository: "owner/name", message: "See https://evil.test/owner/name" })
    for (const url of [
      "https://github.com/owner/other",
      "https://github.com/owner/name-2",
      "https://github.com/",
      "https://github.com/owner",
      "https://github.com/owner/..",
      "http://github.com/owner/name",
      "https://github.com:8443/owner/name",
      "https://evil.test/owner/name",
      "https://github.com.evil.test/owner/name",
      "https://github.com@evil.test/owner/name",
      "https://user:pass@github.com/owner/name",
      "git@github.com:owner/name",
      "ssh://git@github.com/owner/name",
      "owner/name",
      "",
      "\0",
    ])
      expect(await credential(token, url), url).toEqual({})
  })
})
