import { generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { Config } from "../config.ts"
import { root } from "./harness/place.ts"

describe("configuration", () => {
  it("has a default for everything", () => {
    const config = Config.read({})
    expect(config.region).toBe("us-east-1")
    expect(config.model).toMatchObject({ id: "claude-opus-5-5", geography: "global" })
    expect(config.model.bedrock).toContain("global.anthropic.claude-opus-5-5")
    expect(config.network).toBeUndefined()
    expect(config.secret).toEqual({
      AnthropicApiKey: false,
      OidcClientSecret: false,
      GithubToken: false,
      GithubAppID: false,
      GithubInstallationID: false,
      GithubAppPrivateKey: false,
      SlackBotToken: false,
      SlackSigningSecret: false,
      SlackAppToken: false,
    })
  })

  it("takes a variable that is set to nothing for one that is not set", () => {
    expect(Config.read({ WORKER_DISK_GB: " ", VPC_ID: "" })).toEqual(Config.read({}))
  })

  it("reads lists with spaces, without doubles", () => {
    expect(Config.read({ ALLOWED_COUNTRIES: "JP, DE,,JP" }).firewall.countries).toEqual(["JP", "DE"])
  })

  it("reads the hosts that commands may reach in the one way to write them; none at all is no list", () => {
    const read = (EGRESS_ALLOWED_DOMAINS: string) => Config.read({ EGRESS_ALLOWED_DOMAINS }).worker.egress
    expect(read("Example.com, *.bücher.example:8443,,example.com")).toEqual([
      "example.com",
      "*.xn--bcher-kva.example:8443",
    ])
    expect(read("")).toBeUndefined()
    // What worker-ami/lib/boot.sh takes as a value.
    expect(read("a_b.example,*.c-d.example:1")?.join()).toMatch(/^[A-Za-z0-9:/?&=%._~+,@*-]+$/)
  })

  it("knows Arm machines by their family, and takes no mixture, which could not share an image", () => {
    expect(Config.read({ WORKER_INSTANCE_TYPES: "m7g.large,c8gd.xlarge,t4g.small" }).worker.architecture).toBe("arm64")
    expect(Config.read({ WORKER_INSTANCE_TYPES: "g5.xlarge,m7i.large" }).worker.architecture).toBe("amd64")
    expect(() => Config.read({ WORKER_INSTANCE_TYPES: "m7g.large,m7i.large" })).toThrow("WORKER_INSTANCE_TYPES")
  })

  it("lets the worker call the models that are offered or named, and no others", () => {
    const LLM_MODELS = JSON.stringify([
      { id: "opus", providerID: { bedrock: "us.anthropic.claude-opus-4-5-20251101-v1:0" } },
      { id: "other", providerID: { anthropic: "other" } },
    ])
    const offered = Config.read({}).model.bedrock
    expect(offered.every((name) => name.startsWith("global.anthropic.claude-"))).toBe(true)
    expect(Config.read({ LLM_MODEL: "opus", LLM_MODELS }).model.bedrock).toEqual([
      "us.anthropic.claude-opus-4-5-20251101-v1:0",
      ...offered,
    ])
    const LLM_MODEL = "eu.amazon.nova-9-v1:0"
    expect(Config.read({ LLM_MODEL }).model.bedrock).toEqual([LLM_MODEL, ...offered])
    const anthropic = { LLM_PROVIDER: "anthropic", SST_SECRET_AnthropicApiKey: "key", LLM_MODELS }
    expect(Config.read(anthropic).model).toMatchObject({ bedrock: [], geography: undefined })
  })

  it("keeps the models where the installation is, if it is told to", () => {
    const model = (AWS_REGION: string) => Config.read({ AWS_REGION, BEDROCK_GEOGRAPHY: "region" }).model
    expect(model("eu-west-1")).toMatchObject({ geography: "eu", id: "claude-opus-5-5" })
    expect(model("eu-west-1").bedrock.every((name) => name.startsWith("eu."))).toBe(true)
    expect(model("ap-south-1")).toMatchObject({ geography: "in", id: "claude-opus-5" })
  })

  it("looks for roles where the issuer keeps them", () => {
    expect(Config.read({}).roles).toEqual({ claim: "cognito:groups", member: "member", admin: "admin" })
    const oidc = {
      OIDC_ISSUER: "https://login.example.com",
      OIDC_CLIENT_ID: "x",
      SST_SECRET_OidcClientSecret: "x",
    }
    expect(Config.read(oidc).roles.claim).toBe("groups")
    const roles = {
      OIDC_ROLES_CLAIM: "realm_access.roles",
      OIDC_MEMBER_ROLE: "*",
      OIDC_ADMIN_ROLE: "Remote SWE Admins",
    }
    expect(Config.read({ ...oidc, ...roles }).roles).toEqual({
      claim: "realm_access.roles",
      member: "*",
      admin: "Remote SWE Admins",
    })
  })

  it.each([
    ["AWS_REGION", { AWS_REGION: "nowhere" }],
    ["LLM_PROVIDER", { LLM_PROVIDER: "demo" }],
    ["LLM_MODELS", { LLM_MODELS: "opus" }],
    ["LLM_MODEL", { LLM_MODEL: "opus" }],
    ["LLM_MODEL", { LLM_MODEL: "claude-sonnet-5-5", AWS_REGION: "ap-northeast-1", BEDROCK_GEOGRAPHY: "region" }],
    ["BEDROCK_GEOGRAPHY", { BEDROCK_GEOGRAPHY: "eu" }],
    ["BEDROCK_GEOGRAPHY", { AWS_REGION: "sa-east-1", BEDROCK_GEOGRAPHY: "region" }],
    ["ANTHROPIC_BASE_URL", { ANTHROPIC_BASE_URL: "http://models.example.com" }],
    ["REMOTE_SWE_IDLE_MINUTES", { REMOTE_SWE_IDLE_MINUTES: "0" }],
    ["VPC_ID", { VPC_ID: "mine" }],
    ["VPC_ID", { SUBNET_IDS: "subnet-0a1b2c3d" }],
    ["SUBNET_IDS", { VPC_ID: "vpc-0a1b2c3d" }],
    ["SUBNET_IDS", { VPC_ID: "vpc-0a1b2c3d", SUBNET_IDS: "a,b" }],
    ["WORKER_INSTANCE_TYPES", { WORKER_INSTANCE_TYPES: "large" }],
    ["WORKER_INSTANCE_TYPES", { WORKER_INSTANCE_TYPES: "," }],
    ["WORKER_IMAGE_ID", { WORKER_IMAGE_ID: "debian" }],
    ["WORKER_DISK_GB", { WORKER_DISK_GB: "5" }],
    ["WORKER_DISK_GB", { WORKER_DISK_GB: "a lot" }],
    ["WORKER_SPOT", { WORKER_SPOT: "yes" }],
    ["WORKER_SUDO", { WORKER_SUDO: "yes" }],
    ["WORKER_SUDO", { WORKER_SUDO: "true", EGRESS_ALLOWED_DOMAINS: "example.com" }],
    ["WORKER_ADDITIONAL_POLICIES", { WORKER_ADDITIONAL_POLICIES: "arn:aws:iam::1:role/x" }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "," }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "*" }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "example.com;example.org" }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "example.com,https://example.org" }],
    ["EGRESS_ALLOWED_DOMAINS", { EGRESS_ALLOWED_DOMAINS: "203.0.113.1" }],
    ["ALLOWED_IPV4_CIDRS", { ALLOWED_IPV4_CIDRS: "203.0.113.1" }],
    ["ALLOWED_IPV4_CIDRS", { ALLOWED_IPV4_CIDRS: "203.0.113.256/32" }],
    ["ALLOWED_IPV4_CIDRS", { ALLOWED_IPV4_CIDRS: "0.0.0.0/0" }],
    ["ALLOWED_IPV4_CIDRS", { ALLOWED_IPV4_CIDRS: "2001:db8::/32" }],
    ["ALLOWED_IPV6_CIDRS", { ALLOWED_IPV6_CIDRS: "2001:db8::/129" }],
    ["ALLOWED_COUNTRIES", { ALLOWED_COUNTRIES: "Japan" }],
    ["WAF", { WAF: "off" }],
    ["WAF_RATE_LIMIT", { WAF_RATE_LIMIT: "1" }],
    ["INITIAL_WEBAPP_USER_EMAIL", { INITIAL_WEBAPP_USER_EMAIL: "me" }],
    ["OIDC_ISSUER", { OIDC_ISSUER: "http://login.example.com" }],
    ["OIDC_ISSUER", { OIDC_CLIENT_ID: "x" }],
    ["OIDC_ROLES_CLAIM", { OIDC_ROLES_CLAIM: "x".repeat(129) }],
    ["OIDC_CLIENT_ID", { OIDC_ISSUER: "https://login.example.com", SST_SECRET_OidcClientSecret: "x" }],
    ["Secret OidcClientSecret", { OIDC_ISSUER: "https://login.example.com", OIDC_CLIENT_ID: "x" }],
    ["Secret AnthropicApiKey", { LLM_PROVIDER: "anthropic" }],
    ["GITHUB_SERVER_URL", { GITHUB_SERVER_URL: "github" }],
    ["GITHUB_API_URL", { GITHUB_API_URL: "http://github.example.com/api/v3" }],
    ["Secret GithubAppPrivateKey", { SST_SECRET_GithubAppID: "1" }],
    ["Secret GithubAppPrivateKey", { SST_SECRET_GithubAppID: "1", SST_SECRET_GithubAppPrivateKey: "ghp_secret" }],
    ["Secret GithubAppID", { SST_SECRET_GithubInstallationID: "1" }],
    ["Secret GithubAppID", { SST_SECRET_GithubAppID: "my app" }],
    ["Secret GithubInstallationID", { SST_SECRET_GithubInstallationID: "acme" }],
    ["ALARM_EMAIL", { ALARM_EMAIL: "me" }],
    ["SLACK_ADMIN_USER_ID_LIST", { SLACK_ADMIN_USER_ID_LIST: "@ann" }],
    ["SLACK_ADMIN_USER_ID_LIST", { SST_SECRET_SlackBotToken: "x", SST_SECRET_SlackSigningSecret: "x" }],
    ["Secret SlackSigningSecret", { SST_SECRET_SlackBotToken: "x", SLACK_ADMIN_USER_ID_LIST: "U0BOSS" }],
    ["Secret SlackBotToken", { SST_SECRET_SlackAppToken: "x" }],
    ["KEY_EPOCH", { KEY_EPOCH: "one two" }],
    ["PERMISSIONS_BOUNDARY", { PERMISSIONS_BOUNDARY: "boundary" }],
  ])("names %s when it refuses %j", (name, env) => {
    expect(() => Config.read(env as Record<string, string>)).toThrow(new RegExp(`^${name} (must|is needed)`, "m"))
  })

  it("says all that is wrong at once", () => {
    const read = () => Config.read({ AWS_REGION: "x", WORKER_SPOT: "y" })
    expect(read).toThrow(/AWS_REGION .*\nWORKER_SPOT /)
  })

  it("is an app at GitHub rather than whose token it has", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const app = {
      SST_SECRET_GithubAppID: "Iv23liAbCdEf",
      SST_SECRET_GithubAppPrivateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    }
    expect(Config.read({ ...app, SST_SECRET_GithubToken: "ghp_secret" }).secret).toMatchObject({
      GithubAppID: true,
      GithubInstallationID: false,
      GithubAppPrivateKey: true,
      GithubToken: false,
    })
  })

  it("never shows a secret's value", () => {
    const read = () =>
      Config.read({
        SST_SECRET_GithubToken: "ghp_secret",
        SST_SECRET_GithubAppPrivateKey: "ghp_secret",
        WORKER_SPOT: "y",
      })
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining("ghp_secret") }))
  })

  it.each(["README.md", "README_ja.md"])("stands in %s, variable by variable", (name) => {
    const page = readFileSync(path.join(root, name), "utf8")
    const missing = Config.names.filter((name) => !page.includes(`\`${name.replace("SST_SECRET_", "")}\``))
    expect(missing).toEqual([])
  })
})
