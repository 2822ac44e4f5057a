import { beforeAll, expect, test } from "vitest"
import { append, call, event, join, key, missing, workerToken } from "./util.ts"

let secret = ""
beforeAll(async () => {
  secret = await key("sessions")
})

const ask = (method: string, path: string, body?: unknown, headers = {}) =>
  call(method, `/triggers${path}`, { key: secret, body, headers })

const draft = {
  name: "Nightly",
  schedule: { type: "cron", cron: "0 3 * * mon-fri", timezone: "Asia/Tokyo" },
  action: { type: "session", message: "Update the dependencies", repository: "acme/shop" },
}

test("a trigger is made, read, changed, paused and removed", async () => {
  const made = await ask("POST", "", draft)
  expect(made).toMatchObject({ status: 201, json: { ...draft, failures: 0, creator: { type: "key" } } })
  const { id, state } = made.json
  expect(new Date(state.next).toISOString()).toMatch(/T18:00:00/)
  expect((await ask("GET", `/${id}`)).json).toEqual(made.json)
  const renamed = await ask("PATCH", `/${id}`, { name: "Each night" })
  expect(renamed).toMatchObject({ status: 200, json: { name: "Each night", state } })
  expect(await ask("PATCH", `/${id}`, { enabled: false })).toMatchObject({ json: { state: { type: "paused" } } })
  expect(await ask("PATCH", `/${id}`, { enabled: true })).toMatchObject({ json: { state } })
  expect((await ask("GET", "?limit=1")).json.items).toMatchObject([{ id }])
  expect(await ask("DELETE", `/${id}`)).toMatchObject({ status: 204, text: "" })
  for (const method of ["GET", "DELETE"])
    expect(await ask(method, `/${id}`)).toMatchObject({ status: 404, json: { code: "trigger.missing" } })
  expect(await ask("PATCH", `/${id}`, { name: "x" })).toMatchObject({ status: 404 })
  expect(await ask("POST", `/${id}/run`)).toMatchObject({ status: 404 })
})

test("a page says where the next begins", async () => {
  const made = [await ask("POST", "", draft), await ask("POST", "", draft)].map(({ json }) => json.id)
  const first = await ask("GET", "?limit=1")
  const second = await ask("GET", `?limit=1&cursor=${first.json.cursor}`)
  expect([first, second].flatMap(({ json }) => json.items.map((item: { id: string }) => item.id))).toEqual(
    made.toReversed(),
  )
})

test("a request that is repeated makes one trigger, and runs it once", async () => {
  const repeat = (value: string) => ({ "idempotency-key": value })
  const first = await ask("POST", "", draft, repeat("trigger"))
  expect(await ask("POST", "", draft, repeat("trigger"))).toMatchObject({ status: 201, text: first.text })
  const { id } = first.json
  const [one, other] = [
    await ask("POST", `/${id}/run`, {}, repeat("run")),
    await ask("POST", `/${id}/run`, {}, repeat("run")),
  ]
  expect(one.json.last.sessionID).toMatch(/^ses_/)
  expect(other.text).toBe(one.text)
  const session = await call("GET", `/sessions/${one.json.last.sessionID}`, { key: secret })
  expect(session.json).toMatchObject({ title: "Nightly", creator: { type: "trigger", triggerID: id } })
})

test.each([
  [{ ...draft, name: " " }, /^name/],
  [{ ...draft, when: "now" }, /Unknown field when/],
  [{ ...draft, schedule: { type: "cron", cron: "0 9 1 * mon" } }, /not both/],
  [{ ...draft, schedule: { type: "cron", cron: "0 9 * * ?" } }, /no weekday|not both/],
  [{ ...draft, schedule: { ...draft.schedule, timezone: "Mars/Olympus" } }, /time zone/],
  [{ ...draft, schedule: { type: "rate", every: 1, unit: "minutes" } }, /5 minutes apart/],
  [{ ...draft, schedule: { type: "once", at: 1_000 } }, /choose a later one/],
  [{ ...draft, schedule: { type: "yearly" } }, /schedule/],
  [{ ...draft, action: { type: "session" } }, /action.message is missing/],
  [{ ...draft, action: { ...draft.action, model: "nobody" } }, /no model nobody/],
  [{ ...draft, action: { ...draft.action, repository: "-x" } }, /repository/],
])("%o is refused", async (body, message) => {
  expect(await ask("POST", "", body)).toMatchObject({ status: 400, json: { message: expect.stringMatching(message) } })
})

test("a worker has nothing to do with triggers", async () => {
  const session = await call("POST", "/sessions", { key: secret, body: { message: "Hi" } })
  const token = await workerToken(session.json.id)
  await append(token, 1, [join(1), event({ kind: "title", title: "x" })])
  expect(await call("GET", "/triggers", { key: token })).toMatchObject({ status: 403 })
  expect(await call("GET", "/triggers")).toMatchObject({ status: 401 })
  expect(await ask("GET", `/${missing("trigger")}`)).toMatchObject({ status: 404 })
  expect(await ask("GET", "?cursor=nonsense")).toMatchObject({ status: 400 })
})
