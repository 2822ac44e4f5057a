import { generateKeyPairSync } from "node:crypto"
import { afterEach, describe, expect, test } from "vitest"
import { App } from "../../src/github/app.ts"
import { apiURL } from "../../src/github/schema.ts"
import { app as registered, key, start, type Installation, type Server } from "./server.ts"

const write = { contents: "write", pull_requests: "write", metadata: "read" } as const
const acme: Installation = { id: 7, account: "acme", repositories: ["Shop", "api"], permissions: write }
const other: Installation = { id: 8, account: "other", repositories: ["shop"], permissions: write }

const open = new Set<Server>()
afterEach(async () => {
  for (const server of open) await server.close()
  open.clear()
})

/** An app, and a GitHub that has it installed for two accounts. */
async function world(options: Partial<App.Options> & { installations?: Installation[] } = {}) {
  const hub = await start(options.installations ?? [acme, other])
  open.add(hub)
  const { apiURL } = hub
  const given = { id: String(registered.id), key, installationID: undefined, serverURL: "https://github.com", apiURL }
  const app = App.open({ ...given, ...options })
  const made = () => hub.calls.filter((call) => call.path.endsWith("/access_tokens"))
  return { hub, app, made }
}

const basic = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`

describe("a token of a GitHub App", () => {
  test("opens the repository that it is for, and no other", async () => {
    const { hub, app, made } = await world()
    const { token, expiresAt } = await app.grant("acme/shop")
    expect(hub.allows(basic(token), "acme/shop", "contents")).toBe(true)
    expect(hub.allows(basic(token), "acme/api", "contents")).toBe(false)
    expect(hub.allows(basic(token), "other/shop", "contents")).toBe(false)
    expect(made().map((call) => call.body)).toEqual([
      { repositories: ["shop"], permissions: { contents: "write", pull_requests: "write" } },
    ])
    expect(Math.abs(expiresAt - (Date.now() + 3_600_000))).toBeLessThan(60_000)
  })

  test("may change workflows where the app may", async () => {
    const { app, made } = await world({
      installations: [{ ...acme, permissions: { ...write, workflows: "write", issues: "write" } }],
    })
    await app.grant("acme/shop")
    expect(made()[0]?.body).toMatchObject({
      permissions: { contents: "write", pull_requests: "write", workflows: "write" },
    })
    expect(made()[0]?.body).not.toMatchObject({ permissions: { issues: "write" } })
  })

  test("is made once, also for many who ask at the same time, and again shortly before it ends", async () => {
    let now = Date.now()
    const { hub, app, made } = await world({ now: () => now })
    hub.now = () => now
    const asked = Array.from({ length: 20 }, (_, index) => app.grant(index % 2 ? "acme/shop" : "Acme/Shop"))
    const tokens = new Set((await Promise.all(asked)).map((grant) => grant.token))
    expect([tokens.size, made().length]).toEqual([1, 1])
    now += 50 * 60_000
    expect(tokens.has((await app.grant("acme/shop")).token)).toBe(true)
    now += 6 * 60_000
    const next = await app.grant("acme/shop")
    expect(tokens.has(next.token)).toBe(false)
    expect(hub.allows(basic(next.token), "acme/shop", "contents")).toBe(true)
    await app.grant("other/shop")
    expect(made().length).toBe(3)
  })

  test("names the app's bot as the author, on whichever server that is", async () => {
    const { app, hub } = await world()
    const name = "octo-swe[bot]"
    const author = { name, email: `98765+${name}@users.noreply.github.com` }
    expect((await app.grant("acme/shop")).author).toEqual(author)
    expect((await app.grant("acme/api")).author).toEqual(author)
    expect(hub.calls.filter((call) => call.path.includes("/users/")).length).toBe(1)
    const elsewhere = await world({ serverURL: "https://git.example.com:8443" })
    expect((await elsewhere.app.grant("acme/shop")).author?.email).toBe(`98765+${name}@users.noreply.git.example.com`)
  })

  test("comes without an author where GitHub tells of none", async () => {
    const { app, hub } = await world()
    const [found, made] = [await lookup(hub), await token(hub)]
    hub.instead.push(found, made, { status: 404, body: { message: "Not Found" } })
    expect(await app.grant("acme/shop")).toMatchObject({ author: undefined, token: "ghs_x" })
  })

  test("is signed for with the client id as well", async () => {
    const { app } = await world({ id: registered.clientID })
    await expect(app.grant("acme/shop")).resolves.toBeDefined()
  })
})

describe("a clock", () => {
  test.each([-40, -2, -0.2, 0.2, 2, 40])("that is %d minutes off is no hindrance", async (minutes) => {
    const now = () => Date.now() + minutes * 60_000
    const { hub, app } = await world({ now })
    const { token, expiresAt } = await app.grant("acme/shop")
    expect(hub.allows(basic(token), "acme/shop", "contents")).toBe(true)
    // By our own clock it is good for an hour, too.
    expect(Math.abs(expiresAt - now() - 3_600_000)).toBeLessThan(60_000)
    const count = hub.calls.length
    await app.grant("acme/api")
    expect(hub.calls.length - count).toBe(2)
  })

  test("that is right is not asked for again when the key is wrong", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const { hub, app } = await world({ key: privateKey })
    await expect(app.grant("acme/shop")).rejects.toMatchObject({
      kind: "forbidden",
      code: "github.refused",
      message: expect.stringMatching(/check its id and its private key.*could not be decoded/),
    })
    expect(hub.calls.length).toBe(1)
  })
})

describe("where GitHub gives no token, it is said why", () => {
  const installation = { kind: "missing", code: "github.installation" }

  test("not installed", async () => {
    const { app } = await world()
    for (const name of ["acme/secret", "nobody/shop"])
      await expect(app.grant(name)).rejects.toMatchObject({ ...installation, message: expect.stringContaining(name) })
  })

  test("in another installation than the one that is used", async () => {
    const { app, made } = await world({ installationID: "7" })
    await expect(app.grant("other/shop")).rejects.toMatchObject({
      ...installation,
      message: expect.stringContaining("other/shop is in installation 8"),
    })
    expect(made()).toEqual([])
    await expect(app.grant("acme/shop")).resolves.toBeDefined()
  })

  test("renamed: the new name was named by nobody", async () => {
    const { hub, app } = await world()
    hub.renamed.set("acme/old", "acme/shop")
    await expect(app.grant("acme/old")).rejects.toMatchObject({
      ...installation,
      message: expect.stringContaining("acme/old has been renamed"),
    })
    expect(hub.calls.length).toBe(1)
  })

  test("suspended", async () => {
    const { app } = await world({ installations: [{ ...acme, suspended: true }] })
    await expect(app.grant("acme/shop")).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("suspended"),
    })
  })

  test.each([
    [{ contents: "write" }, /may not write pull requests where/],
    [{ contents: "read", pull_requests: "write" }, /may not write contents where/],
    [{}, /contents and pull requests/],
  ] as const)("with the permissions %j", async (permissions, message) => {
    const { app, made } = await world({ installations: [{ ...acme, permissions }] })
    await expect(app.grant("acme/shop")).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringMatching(message),
    })
    expect(made()).toEqual([])
  })

  test("for another reason, in GitHub's words", async () => {
    const { hub, app } = await world()
    hub.instead.push(await lookup(hub), { status: 422, body: { message: "Validation failed" } })
    await expect(app.grant("acme/shop")).rejects.toMatchObject({
      kind: "forbidden",
      message: "GitHub refused a token for acme/shop (HTTP 422: Validation failed)",
    })
  })

  test("something else answers for it", async () => {
    const { hub, app } = await world()
    hub.instead.push({ status: 200, body: "<p>Sign in</p>" })
    await expect(app.grant("acme/shop")).rejects.toMatchObject({
      kind: "conflict",
      message: expect.stringContaining("check its address"),
    })
  })

  test("it does not answer: passing, so it is asked once more, and forgotten when that fails", async () => {
    const { hub, app } = await world()
    hub.instead.push({ status: 502, body: "" })
    await expect(app.grant("acme/shop")).resolves.toBeDefined()
    for (const status of [0, 503]) {
      hub.instead.push({ status, body: "" }, { status, body: "" })
      await expect(app.grant("acme/api")).rejects.toMatchObject({ kind: "limit", code: "github.unreachable" })
    }
    await expect(app.grant("acme/api")).resolves.toBeDefined()
  })
})

test("no refusal tells a secret", async () => {
  const { hub, app } = await world()
  const seen: string[] = []
  for (const status of [400, 401, 403, 404, 422, 429, 500]) {
    const reply = { status, body: { message: "No" } }
    hub.instead.push(reply, reply)
    const said = (error: Error) => `${error.message} ${JSON.stringify(error)}`
    seen.push(await app.grant("acme/shop").then(() => "granted", said))
    hub.instead.length = 0
  }
  expect(seen.join()).not.toMatch(/granted|ghs_|eyJ|PRIVATE KEY/)
})

test.each([
  ["https://github.com", "https://api.github.com"],
  ["https://github.com/", "https://api.github.com"],
  ["https://git.example.com", "https://git.example.com/api/v3"],
  ["http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v3"],
  ["https://octo.ghe.com", "https://api.octo.ghe.com"],
])("the API of %s is at %s", (server, api) => expect(apiURL(server)).toBe(api))

/** What GitHub answers to the first question, and to the second. */
async function lookup(hub: Server) {
  const [installation] = hub.installations
  return { status: 200, body: { id: installation?.id, app_slug: registered.slug, permissions: write } }
}

async function token(hub: Server) {
  const expires_at = new Date(hub.now() + 3_600_000).toISOString()
  return { status: 201, body: { token: "ghs_x", expires_at } }
}
