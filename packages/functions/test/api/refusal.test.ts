import { Actor } from "@remote-swe/core/actor"
import { Key } from "@remote-swe/core/key"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { call, key, missing, owner, workerToken } from "./util.ts"

/** What is wrong with a request, and what the sender is told: a table, and never a 500. */

const ids = { full: "", sessions: "", token: "", foreign: "", session: "", other: "" }

beforeAll(async () => {
  ids.full = await key("full")
  ids.sessions = await key("sessions")
  const create = async () => (await call("POST", "/sessions", { key: ids.full, body: { message: "Hi" } })).json.id
  ids.session = await create()
  ids.other = await create()
  ids.token = await workerToken(ids.session)
  ids.foreign = await workerToken(ids.other)
})

type Row = [name: string, method: string, path: string, body: unknown, status: number, code: string, message: RegExp]

const message = { message: "Hi" }
const notice = (extra: object = {}) => ({
  after: 1,
  events: [{ id: missing("event"), kind: "notice", level: "info", code: "c", text: "t", ...extra }],
})
const file = { name: "a.txt", type: "text/plain", size: 1 }
const deep = `{"message":${"[".repeat(5_000)}${"]".repeat(5_000)}}`

const session: Row[] = [
  ["an unknown field", "POST", "/sessions", { ...message, colour: "red" }, 400, "body.invalid", /colour/],
  ["a field of the core's own", "POST", "/sessions", { ...message, id: missing("session") }, 400, "body.invalid", /id/],
  ["nothing", "POST", "/sessions", undefined, 400, "body.invalid", /message/],
  ["no object", "POST", "/sessions", [], 400, "body.invalid", /./],
  ["null", "POST", "/sessions", "null", 400, "body.invalid", /./],
  ["the wrong type", "POST", "/sessions", { message: 5 }, 400, "body.invalid", /message/],
  ["no words", "POST", "/sessions", { message: " \n" }, 400, "body.invalid", /message.*empty/],
  ["too many words", "POST", "/sessions", { message: "x".repeat(200_001) }, 400, "body.invalid", /message/],
  ["a body over the limit", "POST", "/sessions", { message: "x".repeat(2_200_000) }, 413, "body.large", /2 MiB/],
  ["half a body", "POST", "/sessions", '{"message": "Hi', 400, "body.malformed", /JSON/],
  ["endless nesting", "POST", "/sessions", deep, 400, "body.deep", /64/],
  ["a number that is no number", "POST", "/sessions", '{"message":"Hi","budget":1e999}', 400, "body.number", /range/],
  ["a number too small", "POST", "/sessions", '{"message":"Hi","budget":1e-200}', 400, "body.number", /range/],
  ["a negative budget", "POST", "/sessions", { ...message, budget: -1 }, 400, "body.invalid", /budget/],
  [
    "an option as repository",
    "POST",
    "/sessions",
    { ...message, repository: "--x" },
    400,
    "body.invalid",
    /repository/,
  ],
  ["an unknown model", "POST", "/sessions", { ...message, model: "gpt" }, 400, "model.unknown", /claude-sonnet-4-5/],
  [
    "a file that isn't",
    "POST",
    "/sessions",
    { ...message, files: [{ ...file, id: missing("file") }] },
    400,
    "file.missing",
    /upload/,
  ],
  ["a script as file name", "POST", "/files", { ...file, name: "../x" }, 400, "body.invalid", /name/],
  ["a file without bytes", "POST", "/files", { ...file, size: 0 }, 400, "body.invalid", /size/],
  ["a file too large", "POST", "/files", { ...file, size: 2 ** 40 }, 400, "body.invalid", /size/],
  ["no media type", "POST", "/files", { ...file, type: "text" }, 400, "body.invalid", /type/],
  ["a page too long", "GET", "/sessions?limit=1000", undefined, 400, "query.invalid", /limit/],
  ["a page of words", "GET", "/sessions?limit=many", undefined, 400, "query.invalid", /limit/],
  ["an unknown query", "GET", "/sessions?order=asc", undefined, 400, "query.invalid", /order/],
  ["a query twice", "GET", "/sessions?limit=1&limit=2", undefined, 400, "query.invalid", /limit/],
  ["a cursor of one's own", "GET", "/sessions?cursor=abc", undefined, 400, "cursor.invalid", /cursor/],
  ["no status", "GET", "/sessions?status=happy", undefined, 400, "query.invalid", /status/],
  ["a time before time", "GET", "/usage?from=2026-02-31", undefined, 400, "query.invalid", /from|day/i],
  ["a range the wrong way", "GET", "/usage?from=2026-02-02&to=2026-02-01", undefined, 400, "query.invalid", /from/],
  ["a range too long", "GET", "/usage?from=1999-01-01&to=2026-01-01", undefined, 400, "query.invalid", /400/],
  ["a session that isn't", "GET", `/sessions/${missing("session")}`, undefined, 404, "session.missing", /no session/],
  [
    "a message to none",
    "POST",
    `/sessions/${missing("session")}/messages`,
    message,
    404,
    "session.missing",
    /no session/,
  ],
  ["no id at all", "GET", "/sessions/abc", undefined, 404, "route.missing", /ses_/],
  ["another thing's id", "GET", `/sessions/${missing("key")}`, undefined, 404, "route.missing", /ses_/],
  ["a file's foreign id", "GET", `/files/${missing("file")}`, undefined, 404, "file.missing", /no file/],
  ["a key that isn't", "DELETE", `/keys/${missing("key")}`, undefined, 404, "key.missing", /no key/],
  ["no route", "GET", "/nothing", undefined, 404, "route.missing", /./],
  ["a method too much", "DELETE", "/sessions", undefined, 405, "route.method", /GET.*POST/],
  ["an import of nothing", "POST", "/sessions/import", { title: "x" }, 400, "body.invalid", /events/],
  [
    "an import without its events",
    "POST",
    "/sessions/import",
    { title: "x", events: missing("file") },
    404,
    "file.missing",
    /no file/,
  ],
  ["a key for ever", "POST", "/keys", { name: "k", days: 1e9 }, 400, "body.invalid", /days/],
]

const within: Row[] = [
  ["an empty change", "PATCH", "", {}, 400, "body.invalid", /title/],
  ["a status of our own", "PATCH", "", { status: "working" }, 400, "body.invalid", /status/],
  ["a title too long", "PATCH", "", { title: "x".repeat(201) }, 400, "body.invalid", /title/],
  ["a stop with words", "POST", "/stop", { now: true }, 400, "body.invalid", /now/],
  ["an answer to nothing", "POST", "/answer", { askID: missing("ask") }, 409, "ask.over", /question/],
  ["an answer to no id", "POST", "/answer", { askID: "1" }, 400, "body.invalid", /askID/],
  ["a fork of the future", "POST", "/fork", { at: 99 }, 400, "fork.ahead", /./],
  ["an event that isn't", "GET", "/events/99", undefined, 404, "event.missing", /99/],
  ["an event of no number", "GET", "/events/x", undefined, 404, "route.missing", /./],
  ["events before time", "GET", "/events?after=-1", undefined, 400, "query.invalid", /after/],
  ["too many events", "GET", "/events?limit=5000", undefined, 400, "query.invalid", /limit/],
  ["a file nobody uploaded", "POST", "/messages", undefined, 400, "body.invalid", /message/],
]

const worker: Row[] = [
  ["no events", "POST", "/events", { after: 1, events: [] }, 400, "body.invalid", /events/],
  ["a kind we don't know", "POST", "/events", notice({ kind: "party" }), 400, "body.invalid", /kind/],
  ["an event's unknown field", "POST", "/events", notice({ seq: 4 }), 400, "body.invalid", /seq/],
  ["events after the end", "POST", "/events", { ...notice(), after: 99 }, 400, "log.ahead", /99/],
  ["an append before joining", "POST", "/events", notice(), 409, "log.replaced", /./],
  ["events over the limit", "POST", "/events", { x: "x".repeat(5_300_000) }, 413, "body.large", /5 MiB/],
  ["a diff of nothing", "PUT", "/diff", { repositories: [{}] }, 400, "body.invalid", /repositories/],
  ["no url", "POST", "/git-credential", {}, 400, "body.invalid", /url/],
  ["another session's file", "GET", `/files/${missing("file")}`, undefined, 404, "file.missing", /no file/],
]

async function check([, method, path, body, status, code, message]: Row, secret: string) {
  const answer = await call(method, path, { key: secret, body })
  expect(answer, answer.text).toMatchObject({ status, json: { code, message: expect.stringMatching(message) } })
  expect(Object.keys(answer.json)).toEqual(["code", "message"])
  expect(answer.json.message.length).toBeLessThanOrEqual(600)
}

describe("a person's request is refused with a reason for", () => {
  test.each(session)("%s", async (...row) => check(row, ids.full))
  test.each(within)("%s", async (name, method, path, ...rest) =>
    check([name, method, `/sessions/${ids.session}${path}`, ...rest], ids.full),
  )
})

describe("a worker's request is refused with a reason for", () => {
  test.each(worker)("%s", async (name, method, path, ...rest) =>
    check([name, method, `/worker${path}`, ...rest], ids.token),
  )
})

test("a form is not JSON", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  const answer = await call("POST", "/sessions", { key: ids.full, headers, body: '{"message":"Hi"}' })
  expect(answer).toMatchObject({ status: 400, json: { code: "body.type" } })
})

describe("who may call", () => {
  const end = async (days: number, by: () => Promise<unknown>) => {
    const made = await Actor.provide(owner, () => Key.create({ name: "short", days }))
    await by()
    return made
  }

  test("nobody without a key, with a wrong one, or with one of another form", async () => {
    for (const secret of [undefined, "swe_k_wrong", "x", "swe_w_wrong", `swe_w_${ids.session}_${"a".repeat(43)}`]) {
      const answer = await call("GET", "/sessions", secret ? { key: secret } : {})
      expect(answer.status, secret).toBe(401)
      expect(answer.headers.get("www-authenticate")).toBe("Bearer")
      if (secret) expect(answer.text).not.toContain(secret.length > 3 ? secret : "\0")
    }
    for (const authorization of ["Basic abc", "Bearer", "Bearer  ", ids.full])
      expect((await call("GET", "/sessions", { headers: { authorization } })).status, authorization).toBe(401)
  })

  test("a key, in either header", async () => {
    expect((await call("GET", "/sessions", { key: ids.full })).status).toBe(200)
    expect((await call("GET", "/sessions", { headers: { authorization: `Bearer ${ids.full}` } })).status).toBe(200)
  })

  test("not with a key that was removed", async () => {
    const made = await end(1, async () => undefined)
    expect((await call("GET", "/sessions", { key: made.secret })).status).toBe(200)
    expect((await call("DELETE", `/keys/${made.id}`, { key: ids.full })).status).toBe(204)
    expect(await call("GET", "/sessions", { key: made.secret })).toMatchObject({
      status: 401,
      json: { code: "key.unknown" },
    })
  })

  test("not with a key that has ended", async () => {
    const made = await end(1, async () => undefined)
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 86_400_001)
    const answer = await call("GET", "/sessions", { key: made.secret })
    later.mockRestore()
    expect(answer).toMatchObject({ status: 401, json: { code: "key.expired" } })
  })

  test("a worker's token opens nothing but the worker's routes", async () => {
    for (const path of [
      "/sessions",
      `/sessions/${ids.session}`,
      "/keys",
      "/models",
      "/usage",
      `/files/${missing("file")}`,
    ])
      expect(await call("GET", path, { key: ids.token }), path).toMatchObject({
        status: 403,
        json: { code: "token.kind" },
      })
  })

  test("a key opens no worker's route", async () => {
    for (const path of ["/session", "/events", "/realtime"])
      expect(await call("GET", `/worker${path}`, { key: ids.full }), path).toMatchObject({
        status: 403,
        json: { code: "token.kind" },
      })
  })

  test("another session's worker sees its own session and no other", async () => {
    const { json } = await call("GET", "/worker/session", { key: ids.foreign })
    expect(json.session.id).toBe(ids.other)
  })

  test("a key for sessions manages no keys", async () => {
    expect((await call("GET", "/sessions", { key: ids.sessions })).status).toBe(200)
    for (const [method, path, body] of [
      ["GET", "/keys", undefined],
      ["POST", "/keys", { name: "more" }],
      ["DELETE", `/keys/${missing("key")}`, undefined],
    ] as const)
      expect(await call(method, path, { key: ids.sessions, body }), path).toMatchObject({
        status: 403,
        json: { code: "actor.forbidden" },
      })
  })

  test("a key is shown once and listed without its secret", async () => {
    const made = await call("POST", "/keys", { key: ids.full, body: { name: "ci", days: 30 } })
    expect(made).toMatchObject({ status: 201, json: { name: "ci", scope: "sessions" } })
    expect(made.json.secret).toMatch(/^swe_k_[\w-]{43}$/)
    const listed = await call("GET", "/keys", { key: ids.full })
    expect(listed.text).not.toContain(made.json.secret)
    const { secret: _, ...info } = made.json
    expect(listed.json.items).toContainEqual(info)
    expect((await call("GET", "/sessions", { key: made.json.secret })).status).toBe(200)
  })
})

test("a mistake of ours is logged once and told without its text", async () => {
  const lines: string[] = []
  const log = vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0)
  const broken = vi.spyOn(Key, "authenticate").mockRejectedValueOnce(new Error("at /secret/path.ts:1:1"))
  const answer = await call("GET", "/sessions", { key: ids.full })
  broken.mockRestore()
  log.mockRestore()
  expect(answer.status).toBe(500)
  expect(answer.json).toEqual({
    code: "internal",
    message: "Something went wrong on our side",
    requestID: answer.headers.get("x-request-id"),
  })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(answer.json.requestID)
  expect(lines[0]).not.toContain(ids.full)
})
