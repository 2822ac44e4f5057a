import { generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import type { components, operations } from "@octokit/openapi-types"
import { jwtVerify } from "jose"

/** GitHub's REST API as an app sees it: signatures and times are checked, and answers have GitHub's shapes. */

type Schemas = components["schemas"]
type Permissions = Schemas["app-permissions"]
type Wanted = NonNullable<
  operations["apps/create-installation-access-token"]["requestBody"]
>["content"]["application/json"]

export interface Installation {
  id: number
  account: string
  /** Names without their owner. */
  repositories: string[]
  permissions: Permissions
  suspended?: boolean
}

interface Token {
  repositories: string[]
  permissions: Permissions
  expiresAt: number
}

interface Reply {
  status: number
  body: object | string
  headers?: Record<string, string>
}

export interface Call {
  method: string
  path: string
  body: unknown
}

export const app = { id: 4711, clientID: "Iv23liSwe", slug: "octo-swe", botID: 98_765 }
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
/** As GitHub gives it to people. */
export const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString()
export const key = privateKey

export type Server = Awaited<ReturnType<typeof start>>

export async function start(installations: Installation[]) {
  const calls: Call[] = []
  const tokens = new Map<string, Token>()
  const renamed = new Map<string, string>()
  const pulls: { number: number; html_url: string }[] = []
  const state = {
    /** What time it is here. */
    now: Date.now,
    /** Answers that are given instead, the first one first; no answer at all for status 0. */
    instead: [] as Reply[],
  }

  const server = createServer((request, response) => void handle(request, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const { method = "GET", url: path = "/", headers } = request
    const body: unknown = headers["content-length"] ? await json(request) : undefined
    calls.push({ method, path, body })
    const reply = state.instead.shift() ?? (await answer(method, path, body, headers.authorization ?? ""))
    if (reply.status === 0) return response.destroy()
    const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body)
    const type = typeof reply.body === "string" ? "text/html" : "application/json; charset=utf-8"
    response.sendDate = false
    response.writeHead(reply.status, {
      "content-type": type,
      date: new Date(state.now()).toUTCString(),
      ...reply.headers,
    })
    response.end(text)
  }

  async function answer(method: string, path: string, body: unknown, authorization: string): Promise<Reply> {
    const at = `${method} ${path}`
    const [, repository] = /^GET \/api\/v3\/repos\/([^/]+\/[^/]+)\/installation$/.exec(at) ?? []
    const [, id] = /^POST \/api\/v3\/app\/installations\/(\d+)\/access_tokens$/.exec(at) ?? []
    if (repository ?? id) {
      const refusal = await refused(authorization)
      if (refusal) return problem(401, refusal)
      return repository ? find(repository) : mint(Number(id), body as Wanted)
    }
    const [, user] = /^GET \/api\/v3\/users\/([^/]+)$/.exec(at) ?? []
    const token = valid(authorization)
    if (!token) return problem(401, "Bad credentials")
    if (user === encodeURIComponent(`${app.slug}[bot]`)) return { status: 200, body: bot() }
    const [, where, number] = /^\w+ \/api\/v3\/repos\/([^/]+\/[^/]+)\/pulls(?:\/(\d+))?/.exec(at) ?? []
    if (!where || !allows(authorization, where, "pull_requests")) return problem(404, "Not Found")
    return pull(method, where, Number(number))
  }

  /** Why a signature is not good; undefined where it is. */
  async function refused(authorization: string) {
    const second = Math.floor(state.now() / 1000)
    const verified = await jwtVerify(authorization.replace(/^Bearer /, ""), publicKey, {
      algorithms: ["RS256"],
      requiredClaims: ["iat", "exp", "iss"],
      // Times are looked at below, in GitHub's words.
      currentDate: new Date(0),
    }).catch(() => undefined)
    if (!verified) return "A JSON web token could not be decoded"
    const { iss, iat = 0, exp = 0 } = verified.payload
    if (iss !== String(app.id) && iss !== app.clientID) return "Integration not found"
    if (exp <= second)
      return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
    if (exp > second + 600) return "'Expiration time' claim ('exp') is too far in the future"
    if (iat > second)
      return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
  }

  function find(repository: string): Reply {
    const moved = renamed.get(repository.toLowerCase())
    if (moved) return { ...problem(301, "Moved Permanently"), headers: { location: `${url}/api/v3/repositories/1` } }
    const installation = installations.find((item) => names(item).includes(repository.toLowerCase()))
    return installation ? { status: 200, body: describe(installation) } : problem(404, "Not Found")
  }

  function mint(id: number, { repositories = [], permissions = {} }: Wanted): Reply {
    const installation = installations.find((item) => item.id === id)
    if (!installation) return problem(404, "Not Found")
    if (installation.suspended) return problem(403, "This installation has been suspended")
    const wanted = repositories.map((name) => `${installation.account}/${name}`.toLowerCase())
    if (repositories.length === 0 || !wanted.every((name) => names(installation).includes(name)))
      return problem(
        422,
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
      )
    const granted: Record<string, unknown> = { ...installation.permissions }
    if (!Object.entries(permissions).every(([name, level]) => granted[name] === level))
      return problem(422, "The permissions requested are not granted to this installation.")
    const token = `ghs_${randomBytes(18).toString("hex")}`
    const expiresAt = Math.floor(state.now() / 1000) * 1000 + 3_600_000
    tokens.set(token, { repositories: wanted, permissions, expiresAt })
    const body: Schemas["installation-token"] = {
      token,
      expires_at: new Date(expiresAt).toISOString().replace(".000Z", "Z"),
      permissions,
      repository_selection: "selected",
    }
    return { status: 201, body }
  }

  function pull(method: string, repository: string, number: number): Reply {
    const made = { number: pulls.length + 1, html_url: `https://github.test/${repository}/pull/${pulls.length + 1}` }
    if (method === "GET") return { status: 200, body: pulls }
    if (method === "PATCH") return { status: 200, body: pulls[number - 1] ?? {} }
    pulls.push(made)
    return { status: 201, body: made }
  }

  function valid(authorization: string) {
    const [scheme, value = ""] = authorization.split(" ")
    const secret =
      scheme === "Basic"
        ? Buffer.from(value, "base64")
            .toString()
            .replace(/^[^:]*:/, "")
        : value
    const token = tokens.get(secret)
    return token && token.expiresAt > state.now() ? token : undefined
  }

  /** Whether this `Authorization`, of git or of a REST call, opens the repository for changes of this kind. */
  function allows(authorization: string, repository: string, permission: keyof Permissions) {
    const token = valid(authorization)
    return Boolean(token?.repositories.includes(repository.toLowerCase()) && token.permissions[permission] === "write")
  }

  return Object.assign(state, {
    ...{ calls, tokens, renamed, installations, allows },
    apiURL: `${url}/api/v3`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const names = ({ account, repositories }: Installation) =>
  repositories.map((name) => `${account}/${name}`.toLowerCase())

function problem(status: number, message: string): Reply {
  const body: Schemas["basic-error"] = {
    message,
    documentation_url: "https://docs.github.com/rest",
    status: `${status}`,
  }
  return { status, body }
}

function describe({ id, account, permissions, suspended }: Installation): Schemas["installation"] {
  const url = `https://github.test/${account}`
  return {
    id,
    account: user(account, 1),
    repository_selection: "selected",
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${url}/repositories`,
    html_url: `${url}/installations/${id}`,
    app_id: app.id,
    client_id: app.clientID,
    target_id: 1,
    target_type: "Organization",
    permissions,
    events: [],
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    single_file_name: null,
    app_slug: app.slug,
    suspended_by: null,
    suspended_at: suspended ? "2026-02-01T00:00:00Z" : null,
  }
}

const bot = () => user(`${app.slug}[bot]`, app.botID)

function user(login: string, id: number): Schemas["simple-user"] {
  const url = `https://github.test/users/${login}`
  const rest = ["followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events"]
  const urls = Object.fromEntries([...rest, "received_events"].map((name) => [`${name}_url`, `${url}/${name}`]))
  return {
    ...(urls as Pick<Schemas["simple-user"], "followers_url" | "following_url" | "gists_url" | "starred_url">),
    ...(urls as Pick<Schemas["simple-user"], "subscriptions_url" | "organizations_url" | "repos_url" | "events_url">),
    ...{ login, id, node_id: "x", avatar_url: "", gravatar_id: null, url, html_url: url, type: "Bot" },
    received_events_url: `${url}/received_events`,
    site_admin: false,
  }
}
