import { generateKeyPairSync } from "node:crypto"
import os from "node:os"
import { describe, expect, test } from "vitest"
import { Config, ConfigError } from "../src/config.ts"
import { access } from "../src/model.ts"

const issuer = { OIDC_ISSUER: "https://login.example.com", OIDC_CLIENT_ID: "swe", OIDC_CLIENT_SECRET: "secret" }

describe("the environment", () => {
  test("may be empty: the demo model plays on port 3000", () => {
    expect(Config.read({})).toMatchObject({ port: 3000, host: "localhost", model: { provider: "demo", id: "demo" } })
    expect(Config.read({}).home).toBe(`${Config.root}.remote-swe`)
  })

  test("with a key, or an address, turns on a real model", () => {
    expect(Config.read({ ANTHROPIC_API_KEY: "k" }).model).toMatchObject({ provider: "anthropic", key: "k" })
    expect(Config.read({ ANTHROPIC_BASE_URL: "http://localhost:1" }).model.provider).toBe("anthropic")
    expect(Config.read({ ANTHROPIC_API_KEY: "k", LLM_PROVIDER: "demo" }).model.provider).toBe("demo")
    expect(Config.read({ ANTHROPIC_API_KEY: "k", LLM_MODEL: "m" }).model.id).toBe("m")
  })

  test("with Bedrock asked for, gives workers what its client looks for, and nothing else of AWS", () => {
    const own = { AWS_PROFILE: "me", AWS_DEFAULT_REGION: "eu-west-1", AWS_ENDPOINT_URL_S3: "http://localhost:1" }
    const { model } = Config.read({ LLM_PROVIDER: "bedrock", ...own })
    expect(model).toMatchObject({ provider: "bedrock", id: "claude-opus-5-5", geography: "global" })
    expect(access(model, undefined)).toEqual({ AWS_PROFILE: "me", AWS_REGION: "eu-west-1" })
    expect(Config.read({ AWS_BEARER_TOKEN_BEDROCK: "key" }).model.provider).toBe("bedrock")
    expect(Config.read({ LLM_PROVIDER: "bedrock", BEDROCK_GEOGRAPHY: "region", ...own }).model.geography).toBe("eu")
  })

  test("with AWS credentials, which are there for something else, turns nothing on", () => {
    const { model } = Config.read({ AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-west-1" })
    expect(model).toMatchObject({ provider: "demo", aws: {} })
    expect(access(model, "http://localhost:1")).toEqual({
      ANTHROPIC_API_KEY: "demo",
      ANTHROPIC_BASE_URL: "http://localhost:1",
    })
  })

  test("takes a variable that is set to nothing for one that is not set", () => {
    expect(Config.read({ PORT: "", ANTHROPIC_API_KEY: " " })).toMatchObject({ port: 3000, model: { provider: "demo" } })
  })

  test("may keep commands to a list of hosts", () => {
    expect(Config.read({}).egress).toBeUndefined()
    expect(Config.read({ EGRESS_ALLOWED_DOMAINS: "Example.com, *.example.org:8443" }).egress).toEqual([
      "example.com",
      "*.example.org:8443",
    ])
  })

  test("with an issuer asks people to sign in, and may be reached from elsewhere then", () => {
    expect(Config.read({}).oidc).toBeUndefined()
    const roles = { rolesClaim: "groups", memberRole: "member", adminRole: "admin" }
    const client = { issuer: "https://login.example.com", clientID: "swe", clientSecret: "secret" }
    expect(Config.read(issuer).oidc).toEqual({ ...client, ...roles })
    expect(Config.read({ ...issuer, OIDC_ISSUER: "http://localhost:8080" }).oidc?.issuer).toBe("http://localhost:8080")
    const wide = { ...issuer, HOST: "0.0.0.0", REMOTE_SWE_PUBLIC_URL: "https://swe.example.com/" }
    expect(Config.read(wide)).toMatchObject({ host: "0.0.0.0", publicURL: "https://swe.example.com" })
  })

  test("with a GitHub App is that at GitHub, whoever's token is there as well", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString().replaceAll("\n", "\\n")
    const app = { GITHUB_APP_ID: "12345", GITHUB_APP_PRIVATE_KEY: pem }
    const { github } = Config.read({ ...app, GITHUB_INSTALLATION_ID: "678", GITHUB_TOKEN: "ghp_token" })
    expect(github).toMatchObject({
      token: undefined,
      app: { id: "12345", privateKey: pem, installationID: "678" },
    })
    expect(Config.read(app).github.app).toMatchObject({ id: "12345", installationID: undefined })
    expect(Config.read({ GITHUB_TOKEN: "ghp_token" }).github).toMatchObject({ token: "ghp_token", app: undefined })
  })

  test.each([
    ["PORT", { PORT: "three" }],
    ["PORT", { PORT: "65536" }],
    ["ANTHROPIC_BASE_URL", { ANTHROPIC_BASE_URL: "example" }],
    ["LLM_PROVIDER", { LLM_PROVIDER: "openai" }],
    ["ANTHROPIC_API_KEY", { LLM_PROVIDER: "anthropic" }],
    ["REMOTE_SWE_API_KEY", { REMOTE_SWE_API_KEY: "short" }],
    ["LLM_MODELS", { LLM_MODELS: "{}" }],
    ["BEDROCK_GEOGRAPHY", { BEDROCK_GEOGRAPHY: "eu" }],
    ["BEDROCK_GEOGRAPHY", { BEDROCK_GEOGRAPHY: "region", AWS_REGION: "sa-east-1" }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "," }],
    ["EGRESS_ALLOWED_DOMAINS must be names of hosts", { EGRESS_ALLOWED_DOMAINS: "example.com,10.0.0.1" }],
    ["GITHUB_SERVER_URL", { GITHUB_SERVER_URL: "github.example.com" }],
    ["GITHUB_APP_PRIVATE_KEY", { GITHUB_APP_ID: "1" }],
    ["GITHUB_APP_PRIVATE_KEY", { GITHUB_APP_ID: "1", GITHUB_APP_PRIVATE_KEY: "ghp_token" }],
    ["GITHUB_APP_ID", { GITHUB_INSTALLATION_ID: "1" }],
    ["GITHUB_APP_ID", { GITHUB_APP_ID: "my-app" }],
    ["GITHUB_INSTALLATION_ID", { GITHUB_INSTALLATION_ID: "acme" }],
    ["OIDC_ISSUER", { HOST: "0.0.0.0" }],
    ["OIDC_ISSUER", { HOST: "192.168.1.2", REMOTE_SWE_PUBLIC_URL: "https://swe.example.com" }],
    ["OIDC_ISSUER", { REMOTE_SWE_PUBLIC_URL: "https://swe.example.com" }],
    ["OIDC_ISSUER", { OIDC_CLIENT_ID: "x", OIDC_CLIENT_SECRET: "x" }],
    ["OIDC_ISSUER", { ...issuer, OIDC_ISSUER: "http://login.example.com" }],
    ["OIDC_ISSUER", { ...issuer, OIDC_ISSUER: "login" }],
    ["OIDC_CLIENT_ID", { ...issuer, OIDC_CLIENT_ID: "" }],
    ["OIDC_CLIENT_SECRET", { ...issuer, OIDC_CLIENT_SECRET: "" }],
    ["REMOTE_SWE_PUBLIC_URL", { ...issuer, HOST: "::" }],
    ["REMOTE_SWE_PUBLIC_URL", { ...issuer, REMOTE_SWE_PUBLIC_URL: "http://swe.example.com" }],
    ["REMOTE_SWE_PUBLIC_URL", { ...issuer, REMOTE_SWE_PUBLIC_URL: "https://example.com/swe" }],
    ["REMOTE_SWE_PUBLIC_URL", { ...issuer, REMOTE_SWE_PUBLIC_URL: "swe.example.com" }],
  ])("that cannot be used is refused with the name %s", (name, env) => {
    expect(() => Config.read(env)).toThrow(ConfigError)
    expect(() => Config.read(env)).toThrow(name)
  })
})

describe("--repo", () => {
  test.each([
    [".", "/at/home"],
    ["./lib", "/at/home/lib"],
    ["../other", "/at/other"],
    ["/abs/olute", "/abs/olute"],
    ["~/code", `${os.homedir()}/code`],
    ["owner/name", "owner/name"],
    ["https://github.com/owner/name", "https://github.com/owner/name"],
    ["git@github.com:owner/name.git", "git@github.com:owner/name.git"],
  ])("%s is %s", (given, meant) => expect(Config.repository(given, "/at/home")).toBe(meant))

  test.each(["-x", "name", "--upload-pack=evil"])("%s is refused", (given) => {
    expect(() => Config.repository(given, "/at/home")).toThrow(ConfigError)
  })
})

test("a worker inherits no secret of the owner", () => {
  const env = Config.inherited({ PATH: "p", HOME: "h", LC_ALL: "C", AWS_SECRET_ACCESS_KEY: "s", GITHUB_TOKEN: "t" })
  expect(env).toEqual({ PATH: "p", HOME: "h", LC_ALL: "C" })
})
