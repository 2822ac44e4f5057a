import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { runInNewContext } from "node:vm"
import { afterAll, describe, expect, it } from "vitest"
import { routing } from "./check/door.ts"
import { one } from "./check/see.ts"
import { invoke } from "./harness/invoke.ts"
import { recorded } from "./recorded.ts"

const { production } = recorded()

/** What the function at the edge makes of a request. */
async function route(uri: string, headers: Record<string, { value: string }>) {
  const origins: { domainName: string }[] = []
  const store: Record<string, string> = {}
  const entries = production.resources.filter((item) => /KvKeys$|KvRoutesUpdate$/.test(item.name))
  const routes: string[] = []
  for (const { inputs } of entries) {
    if (typeof inputs["entry"] === "string") routes.push(inputs["entry"])
    for (const [key, value] of Object.entries((inputs["entries"] ?? {}) as Record<string, string>))
      store[`${String(inputs["namespace"])}:${key}`] = value
  }
  const [namespace] = entries.flatMap((item) =>
    typeof item.inputs["entry"] === "string" ? [item.inputs["namespace"]] : [],
  )
  store[`${String(namespace)}:routes`] = JSON.stringify(routes)
  const cf = {
    kvs: () => ({
      async get(key: string) {
        const value = store[key]
        if (value === undefined) throw new Error(`There is no ${key}`)
        return value
      },
    }),
    updateRequestOrigin: (origin: { domainName: string }) => void origins.push(origin),
  }
  const event = {
    request: { uri, headers: { host: { value: "swe.example.com" }, ...headers }, querystring: {}, cookies: {} },
  }
  const program = routing(production).replace(/import cf from "cloudfront";?/, "")
  const require = () => ({ createHash })
  await runInNewContext(`${program}; handler(event)`, { cf, event, require, console })
  return { request: event.request, origin: origins[0]?.domainName }
}

describe("the router", () => {
  const hash = (one(production, "ApiFunction").inputs["environment"] as { variables: Record<string, string> })
    .variables["ORIGIN_KEY_HASH"]

  it("sends the API's paths to the API and all others to the dashboard", async () => {
    expect((await route("/api/v1/sessions", {})).origin).toBe("apiurl.lambda-url.us-east-1.on.aws")
    expect((await route("/api", {})).origin).toBe("apiurl.lambda-url.us-east-1.on.aws")
    expect((await route("/apis", {})).origin).toBe("webserveruseast1url.lambda-url.us-east-1.on.aws")
    expect((await route("/", {})).origin).toBe("webserveruseast1url.lambda-url.us-east-1.on.aws")
  })

  it("shows its key to what stands behind it, whatever the visitor sent", async () => {
    for (const uri of ["/api/v1/health", "/"]) {
      const { request } = await route(uri, { "x-origin-key": { value: "mine" } })
      const key = (request.headers as Record<string, { value: string }>)["x-origin-key"]?.value ?? ""
      expect(createHash("sha256").update(key).digest("hex")).toBe(hash)
    }
  })
})

describe("a function behind the router", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "remote-swe-door-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const runner = fileURLToPath(new URL("./harness/lambda.ts", import.meta.url))

  function call(name: string, headers: Record<string, string>, rawPath: string) {
    const fn = one(production, `${name}Function`)
    const event = {
      version: "2.0",
      rawPath,
      rawQueryString: "",
      headers,
      requestContext: { http: { method: "GET", path: rawPath, sourceIp: "203.0.113.1" }, domainName: "example.com" },
      isBase64Encoded: false,
    }
    return invoke({ folder, artifact: name, fn, runner: [runner], event }) as { statusCode: number; body: string }
  }

  it.each(["Api", "WebServerUseast1"])("refuses whoever does not come through it: %s", async (name) => {
    const key = Buffer.alloc(48, "OriginKeyBytes").toString("hex")
    expect(call(name, {}, "/api/v1/health").statusCode).toBe(403)
    expect(call(name, { "x-origin-key": "" }, "/api/v1/health").statusCode).toBe(403)
    expect(call(name, { "x-origin-key": `${key}x` }, "/api/v1/health").statusCode).toBe(403)
    expect(call(name, { "x-origin-key": key }, "/api/v1/health").statusCode).toBe(200)
  })

  it("runs as it is deployed: the API's own bundle, its links decrypted, answers", () => {
    const key = Buffer.alloc(48, "OriginKeyBytes").toString("hex")
    const answer = call("Api", { "x-origin-key": key }, "/api/v1/health")
    expect(JSON.parse(answer.body)).toMatchObject({ ok: true })
    const stranger = call("Api", { "x-origin-key": key }, "/api/v1/sessions")
    expect(stranger.statusCode).toBe(401)
  })
})
