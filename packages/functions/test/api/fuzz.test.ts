import fc from "fast-check"
import { beforeAll, expect, test, vi } from "vitest"
import { type Operation, operations, schemas } from "./operation.ts"
import { type Known, spoil, text, valid, wild } from "./sample.ts"
import { call, key, workerToken } from "./util.ts"

/** Whatever is sent to whatever route: never a 500, and no stack, path or secret in an answer or a log line. */

type Route = Awaited<ReturnType<typeof operations>>[number]

const world = { routes: [] as Route[], known: { named: {}, words: [] } as Known, key: "", token: "" }

beforeAll(async () => {
  world.key = await key("full")
  const session = await call("POST", "/sessions", { key: world.key, body: { message: "Fix it" } })
  const file = await call("POST", "/files", { key: world.key, body: { name: "a.txt", type: "text/plain", size: 3 } })
  await fetch(file.json.upload.url, { method: "PUT", headers: file.json.upload.headers, body: "abc" })
  const trigger = await call("POST", "/triggers", {
    key: world.key,
    body: { name: "a", schedule: { type: "rate", every: 1, unit: "days" }, action: { type: "session", message: "a" } },
  })
  world.token = await workerToken(session.json.id)
  const ending = session.json.id.slice(4)
  world.known = {
    named: await schemas(),
    words: [
      session.json.id,
      file.json.file.id,
      trigger.json.id,
      ...["evt", "trn", "ask", "key", "agt"].map((prefix) => `${prefix}_${ending}`),
      ...[
        "owner/name",
        "https://github.com/owner/name",
        "image/png",
        "2026-11-22",
        "2020-02-29",
        "9999-12-31",
        "0000-01-01",
        "claude-sonnet-4-5",
        "a b",
        "0 9 * * *",
        "Europe/Berlin",
      ],
    ],
  }
  // It would end what the others need, and /stream ends with its reader only.
  const left = new Set(["session.remove", "session.stream"])
  world.routes = (await operations()).filter(({ operation }) => !left.has(operation.operationId))
})

const places = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 })
const once = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 1, arbitrary })
const often = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 6, arbitrary })

function body({ requestBody }: Operation) {
  const schema = requestBody?.content["application/json"].schema
  if (!schema) return fc.constant(undefined)
  const good = valid(schema, world.known)
  const wrong = fc.tuple(good, places, wild).map(([value, at, by]) => spoil(value, at, by))
  const { properties = {}, required = [] } = schema
  const needed = Object.entries(properties).filter(([name]) => required.includes(name))
  const least = valid({ ...schema, properties: Object.fromEntries(needed) }, world.known)
  return fc.oneof(often(good), often(least), often(wrong), once(wild)).map((value) => JSON.stringify(value))
}

function values(operation: Operation, where: "path" | "query") {
  const own = (operation.parameters ?? []).filter((item) => item.in === where)
  const fields = own.map(({ name, schema }) => {
    const one = schema.enum || schema.type !== "string" ? { ...schema } : schema
    const good = name === "seq" ? fc.constant(1) : valid(one, world.known)
    const number = /^(after|before|limit)$/.test(name) ? fc.nat(120) : good
    return [name, fc.oneof(often(number), once(text)).map(String)] as const
  })
  return fc.record(Object.fromEntries(fields), { requiredKeys: where === "path" ? own.map(({ name }) => name) : [] })
}

const request = (route: Route) =>
  fc.record({
    route: fc.constant(route),
    path: values(route.operation, "path"),
    query: values(route.operation, "query"),
    extra: fc.oneof(often(fc.constant({})), once(fc.dictionary(text, text, { maxKeys: 2 }))),
    body: fc.oneof(often(body(route.operation)), once(text)),
    repeat: fc.oneof(often(fc.constant(undefined)), once(fc.string({ maxLength: 8 }))),
  })

/** For each route. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 20)

test("no request makes the API answer 500 or tell what it must not", { timeout: 60_000 + 2_000 * runs }, async () => {
  const lines: string[] = []
  const log = vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0)
  const reached = new Set<string>()
  const property = (route: Route) =>
    fc.asyncProperty(request(route), async ({ route, path, query, extra, body, repeat }) => {
      const { method, operation } = route
      const filled = Object.entries(path).reduce(
        (address, [name, value]) => address.replace(`{${name}}`, () => encodeURIComponent(value.toWellFormed())),
        route.path.replace("/api/v1", ""),
      )
      const answer = await call(method, `${filled}?${new URLSearchParams({ ...query, ...extra })}`, {
        key: route.path.includes("/worker/") ? world.token : world.key,
        ...(method !== "GET" && { body }),
        ...(repeat && { headers: { "idempotency-key": repeat } }),
      })
      expect(answer.status, `${answer.text}\n${lines.at(-1)}`).toBeLessThan(500)
      expect(Object.keys(operation.responses), answer.text).toContain(String(answer.status))
      if (answer.status < 300) reached.add(operation.operationId)
      if (answer.status >= 400) expect(answer.json).toEqual({ code: expect.any(String), message: expect.any(String) })
      if (answer.status >= 400) expect(answer.text).not.toMatch(/\bat .*:\d+:\d+|node_modules|\/src\//)
      expect(answer.text).not.toContain(world.token)
    })
  for (const route of world.routes) await fc.assert(property(route), { numRuns: runs })
  log.mockRestore()
  expect(lines.join("")).not.toMatch(/swe_[kw]_|ghp_/)
  // Refusals alone would prove little.
  expect(reached.size).toBeGreaterThan(world.routes.length / 2)
})
