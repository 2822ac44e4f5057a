import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import type { Gateway } from "../../src/git/gateway.ts"
import { folder, git, never, origin, sh, world } from "../sandbox/world.ts"
import { account, allowPush, serve } from "./server.ts"

interface Call {
  method: string | undefined
  path: string | undefined
  authorization: string | undefined
  body: unknown
}

/** The three calls of GitHub's REST API that a pull request takes, for one repository. */
async function api(answer?: { status: number; body: unknown }) {
  const calls: Call[] = []
  const pulls: { number: number; html_url: string; title: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join("")
    const body = text ? JSON.parse(text) : undefined
    calls.push({ method: request.method, path: request.url, authorization: request.headers.authorization, body })
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
    if (answer) return send(answer.status, answer.body)
    if (request.method === "GET") return send(200, pulls)
    const number = 7
    const [known] = pulls
    if (known) return send(200, Object.assign(known, body))
    pulls.push({ number, html_url: `https://github.test/acme/shop/pull/${number}`, ...body })
    return send(201, pulls[0])
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`, calls, pulls }
}

/** A session that has cloned acme/shop from a GitHub of one's own, and committed to it. */
async function session(apiURL: string, credential: Gateway.Options["credential"] = async () => account) {
  const root = folder()
  const bare = join(root, "acme", "shop")
  git("/", "clone", "-q", "--bare", origin({ "a.txt": "1\n" }), bare)
  allowPush(bare)
  const { url } = await serve(root)
  const made = await world({ serverURL: url, apiURL, credential })
  const open = (title: string, draft?: boolean) => made.workspace.pullRequest({ title, body: "Body", draft }, never)
  return { ...made, bare, url, open }
}

async function commit(made: Awaited<ReturnType<typeof session>>) {
  await made.workspace.clone("acme/shop", never)
  await sh(made.sandbox, "echo 2 > a.txt && git commit -qam Two", "shop")
}

it("opens a pull request on GitHub, and updates the one that is there", async () => {
  const github = await api()
  const made = await session(github.url)
  await commit(made)
  const { branch } = made.gateway
  const first = await made.open("One", true)
  expect(first.pullRequest).toMatchObject({
    host: "github",
    repository: "acme/shop",
    number: 7,
    url: "https://github.test/acme/shop/pull/7",
    changes: [{ path: "a.txt", status: "modified" }],
  })
  expect((await made.open("Two")).updated).toBe(true)
  const query = new URLSearchParams({ head: `acme:${branch}`, base: "main", state: "open" })
  const authorization = `Bearer ${account.password}`
  expect(github.calls).toEqual([
    { method: "GET", path: `/api/v3/repos/acme/shop/pulls?${query}`, authorization, body: undefined },
    {
      method: "POST",
      path: "/api/v3/repos/acme/shop/pulls",
      authorization,
      body: { title: "One", body: "Body", head: branch, base: "main", draft: true },
    },
    { method: "GET", path: `/api/v3/repos/acme/shop/pulls?${query}`, authorization, body: undefined },
    { method: "PATCH", path: "/api/v3/repos/acme/shop/pulls/7", authorization, body: { title: "Two", body: "Body" } },
  ])
  expect(git(made.bare, "show", `${branch}:a.txt`)).toBe("2\n")
})

it("pushes the branch alone where there is no token for a pull request", async () => {
  const github = await api()
  const made = await session(github.url)
  const other = await world({ serverURL: "https://github.test", credential: async () => account })
  await other.workspace.clone(`${made.url}/acme/shop`, never)
  await sh(other.sandbox, "git commit -q --allow-empty -m Two", "shop")
  const published = await other.workspace.pullRequest({ title: "One", body: "" }, never)
  expect(published.pullRequest).toBeUndefined()
  expect(published.branch).toMatchObject({ repository: `${made.url}/acme/shop`, branch: other.gateway.branch })
  expect(github.calls).toEqual([])
})

it.each([
  [401, { message: "Bad credentials" }, "GitHub refused the pull request (HTTP 401): Bad credentials"],
  [422, { message: "Validation Failed", errors: [{ message: "No commits" }] }, "Validation Failed; No commits"],
  [502, "not an object", "GitHub refused the pull request (HTTP 502)"],
])("says what GitHub says with %s, and no token", async (status, body, words) => {
  const github = await api({ status, body })
  const made = await session(github.url)
  await commit(made)
  const failure = await made.open("One").catch((error: Error) => error.message)
  expect(failure).toContain(words)
  expect(failure).not.toContain(account.password)
})

it("gives up when it is told to", async () => {
  const made = await session("http://127.0.0.1:1", async () => {
    await new Promise((resolve) => abort.signal.addEventListener("abort", resolve))
    return account
  })
  const abort = new AbortController()
  const clone = made.workspace.clone("acme/shop", abort.signal)
  setImmediate(() => abort.abort())
  await expect(clone).rejects.toThrow("aborted")
  expect(await sh(made.sandbox, "ls -A")).toBe("")
})
