export * as Config from "./config.ts"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import * as Egress from "@remote-swe/core/egress/schema"
import * as GithubKey from "@remote-swe/core/github/key"
import * as Bedrock from "@remote-swe/core/model/bedrock"
import { Repository } from "@remote-swe/core/session/schema"
import * as v from "valibot"
import { Guard } from "./guard.ts"
import { aws, type Model, model, regionOf } from "./model.ts"
import { foreign } from "./resource.ts"

/** The environment of the local system: the only place that reads it (design section 8). */

const text = v.pipe(v.string(), v.trim(), v.minLength(1, "must not be empty"))
const url = v.pipe(text, v.url("must be a URL, such as https://api.example.com"))
/** What travels there is secret: in the clear it may go to this machine only. */
const secureURL = v.pipe(
  url,
  v.check(
    (value) => !URL.canParse(value) || isSecure(new URL(value)),
    "must begin with https:// (http:// is for addresses of this machine)",
  ),
)
const port = v.pipe(
  text,
  v.regex(/^\d{1,5}$/, "must be a port number"),
  v.transform(Number),
  v.maxValue(65_535, "must be a port number"),
)
const minutes = v.pipe(
  text,
  v.transform(Number),
  v.number("must be a number of minutes"),
  v.minValue(0.01, "must be more than nothing"),
)

const Variables = v.object({
  PORT: v.optional(port, "3000"),
  HOST: v.optional(text, "localhost"),
  REMOTE_SWE_PUBLIC_URL: v.optional(
    v.pipe(
      secureURL,
      v.check((value) => !URL.canParse(value) || isOrigin(new URL(value)), "must be an origin, without a path"),
      v.transform((value) => new URL(value).origin),
    ),
  ),
  OIDC_ISSUER: v.optional(secureURL),
  OIDC_CLIENT_ID: v.optional(text),
  OIDC_CLIENT_SECRET: v.optional(text),
  OIDC_ROLES_CLAIM: v.optional(text, "groups"),
  OIDC_MEMBER_ROLE: v.optional(text, "member"),
  OIDC_ADMIN_ROLE: v.optional(text, "admin"),
  REMOTE_SWE_HOME: v.optional(text),
  REMOTE_SWE_API_KEY: v.optional(v.pipe(text, v.minLength(16, "must have 16 characters at least"))),
  REMOTE_SWE_IDLE_MINUTES: v.optional(minutes, "30"),
  ANTHROPIC_API_KEY: v.optional(text),
  ANTHROPIC_BASE_URL: v.optional(url),
  LLM_PROVIDER: v.optional(v.picklist(["anthropic", "bedrock", "demo"], 'must be "anthropic", "bedrock" or "demo"')),
  LLM_MODEL: v.optional(text),
  LLM_MODELS: v.optional(v.pipe(text, v.check(isList, "must be a JSON list of models")), "[]"),
  BEDROCK_GEOGRAPHY: v.optional(
    v.picklist(["global", "region"], 'must be "global", or "region" to stay in the geography of AWS_REGION'),
    "global",
  ),
  AWS_REGION: v.optional(text),
  AWS_DEFAULT_REGION: v.optional(text),
  AWS_BEARER_TOKEN_BEDROCK: v.optional(text),
  EGRESS_ALLOWED_DOMAINS: v.optional(Egress.List),
  GITHUB_TOKEN: v.optional(text),
  GITHUB_APP_ID: v.optional(
    v.pipe(text, v.regex(/^(\d+|Iv[\w.]+)$/, "must be the number of a GitHub App, or its client id")),
  ),
  GITHUB_INSTALLATION_ID: v.optional(v.pipe(text, v.regex(/^\d+$/, "must be a number"))),
  GITHUB_APP_PRIVATE_KEY: v.optional(
    v.pipe(
      text,
      v.check(
        (value) => GithubKey.read(value) !== undefined,
        "must be the private key of a GitHub App: its PEM file, as it is, with \\n for the ends of lines, or in base64",
      ),
    ),
  ),
  GITHUB_SERVER_URL: v.optional(url),
  GITHUB_API_URL: v.optional(url),
  SLACK_BOT_TOKEN: v.optional(text),
  SLACK_SIGNING_SECRET: v.optional(text),
  SLACK_APP_TOKEN: v.optional(text),
  SLACK_API_URL: v.optional(url),
  SLACK_ADMIN_USER_ID_LIST: v.optional(v.string(), ""),
  INIT_CWD: v.optional(text),
})

/** What no single variable can tell. */
const Environment = v.pipe(
  Variables,
  v.forward(
    v.check(
      (env) => env.LLM_PROVIDER !== "anthropic" || Boolean(env.ANTHROPIC_API_KEY ?? env.ANTHROPIC_BASE_URL),
      "is needed when LLM_PROVIDER is anthropic",
    ),
    ["ANTHROPIC_API_KEY"],
  ),
  v.forward(
    v.check(
      (env) => env.BEDROCK_GEOGRAPHY === "global" || Bedrock.geographyOf(regionOf(env) ?? "") !== undefined,
      'must be "global": Bedrock has no profiles that stay in the geography of AWS_REGION',
    ),
    ["BEDROCK_GEOGRAPHY"],
  ),
  needs("OIDC_CLIENT_ID", (env) => !env.OIDC_ISSUER, "is needed with OIDC_ISSUER"),
  needs("OIDC_CLIENT_SECRET", (env) => !env.OIDC_ISSUER, "is needed with OIDC_ISSUER"),
  needs("OIDC_ISSUER", (env) => !env.OIDC_CLIENT_ID && !env.OIDC_CLIENT_SECRET, "is needed with OIDC_CLIENT_ID"),
  needs(
    "OIDC_ISSUER",
    (env) => Guard.isLoopback(env.HOST) && !env.REMOTE_SWE_PUBLIC_URL,
    "is needed where others can reach this system, which without a login belongs to whoever comes by. " +
      "Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or leave HOST and REMOTE_SWE_PUBLIC_URL out " +
      "and use a tunnel such as: ssh -L 3000:localhost:3000 <this machine>",
  ),
  needs("GITHUB_APP_PRIVATE_KEY", (env) => !env.GITHUB_APP_ID, "is needed with GITHUB_APP_ID"),
  needs(
    "GITHUB_APP_ID",
    (env) => !env.GITHUB_APP_PRIVATE_KEY && !env.GITHUB_INSTALLATION_ID,
    "is needed with GITHUB_APP_PRIVATE_KEY and GITHUB_INSTALLATION_ID",
  ),
  needs(
    "SLACK_SIGNING_SECRET",
    (env) => !env.SLACK_BOT_TOKEN || Boolean(env.SLACK_APP_TOKEN),
    "is needed with SLACK_BOT_TOKEN, or SLACK_APP_TOKEN for socket mode",
  ),
  needs(
    "SLACK_BOT_TOKEN",
    (env) => !env.SLACK_SIGNING_SECRET && !env.SLACK_APP_TOKEN,
    "is needed with SLACK_SIGNING_SECRET and SLACK_APP_TOKEN",
  ),
  needs(
    "REMOTE_SWE_PUBLIC_URL",
    (env) => Guard.isLoopback(env.HOST),
    "is needed with a HOST that other machines reach: where browsers find the dashboard, such as https://swe.example.com",
  ),
)
type Environment = v.InferOutput<typeof Variables>

/** An environment that we cannot start with; the message is for the person who set it. */
export class ConfigError extends Error {}

export interface Info {
  port: number
  host: string
  /** Where browsers find the dashboard, when that is not the port of this machine. */
  publicURL: string | undefined
  /** Where people sign in; nowhere on the owner's loopback. */
  oidc: Oidc | undefined
  home: string
  apiKey: string | undefined
  idleMs: number
  model: Model
  /** Hosts that what the model runs may reach; everything where it is undefined. */
  egress: string[] | undefined
  github: Github
  /** Absent where there is no bot. */
  slack: Slack | undefined
  /** Where the person called us from: relative paths start there. */
  cwd: string
}

export interface Github {
  /** Of a person. Where there is an app, it is the app's that are used. */
  token: string | undefined
  app: { id: string; privateKey: string; installationID: string | undefined } | undefined
  serverURL: string | undefined
  apiURL: string | undefined
}

export interface Oidc {
  issuer: string
  clientID: string
  clientSecret: string
  rolesClaim: string
  memberRole: string
  adminRole: string
}

export interface Slack {
  botToken: string
  /** Slack's requests are taken where there is one. */
  signingSecret: string | undefined
  /** Socket mode, where there is one. */
  appToken: string | undefined
  apiURL: string | undefined
  /** Comma separated ids; empty where everybody of the workspace may use the bot. */
  admins: string
}

export function read(env: NodeJS.ProcessEnv = process.env): Info {
  // A variable that is set to nothing is one that is not set: that is how shells and files clear them.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = v.safeParse(Environment, given)
  if (!parsed.success) throw new ConfigError(parsed.issues.map(describe).join("\n"))
  const out = parsed.output
  const cwd = out.INIT_CWD ?? process.cwd()
  return {
    port: out.PORT,
    host: out.HOST,
    publicURL: out.REMOTE_SWE_PUBLIC_URL,
    oidc: oidc(out),
    home: out.REMOTE_SWE_HOME ? path.resolve(cwd, expand(out.REMOTE_SWE_HOME)) : path.join(root, ".remote-swe"),
    apiKey: out.REMOTE_SWE_API_KEY,
    idleMs: out.REMOTE_SWE_IDLE_MINUTES * 60_000,
    model: model(out, given),
    egress: out.EGRESS_ALLOWED_DOMAINS,
    github: github(out),
    slack: slack(out),
    cwd,
  }
}

/** What a worker's process inherits: how to find programs, the network and a language; no secrets of others. */
export function inherited(env: NodeJS.ProcessEnv = process.env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passed.has(name) || name.startsWith("LC_")))
}

/** What a worker's process needs besides to call Bedrock. */
export const bedrock = (env: NodeJS.ProcessEnv = process.env) => aws(env)

/** A repository as a person names it in a terminal: a path may start where they are. */
export function repository(name: string, cwd: string) {
  const given = expand(name)
  const isPath = /^\.{0,2}(\/|$)|^\.{1,2}$/.test(given)
  const parsed = v.safeParse(Repository, isPath ? path.resolve(cwd, given) : given)
  if (parsed.success) return parsed.output
  throw new ConfigError(`--repo ${name}: ${parsed.issues[0].message} (a path begins with ./, ../, ~ or /)`)
}

/** Tells the rest of this process, and the SDKs in it, where things are. */
export function set(values: Record<string, string>) {
  for (const name of foreign) delete process.env[name]
  Object.assign(process.env, values)
}

export const root = fileURLToPath(new URL("../../..", import.meta.url))

const passed = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "JAVA_HOME", "XDG_RUNTIME_DIR"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "NODE_USE_ENV_PROXY"],
  ...["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
  ...["GIT_SSL_CAINFO", "GOROOT", "NVM_DIR", "VOLTA_HOME", "RBENV_ROOT", "ASDF_DIR", "ASDF_DATA_DIR", "SDKMAN_DIR"],
  ...["RUSTUP_HOME", "PYENV_ROOT"],
])

function github(env: Environment): Github {
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: privateKey, GITHUB_INSTALLATION_ID: installationID } = env
  const app = id && privateKey ? { id, privateKey, installationID } : undefined
  const token = app ? undefined : env.GITHUB_TOKEN
  return { token, app, serverURL: env.GITHUB_SERVER_URL, apiURL: env.GITHUB_API_URL }
}

function slack(env: Environment): Slack | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = env
  if (!botToken) return undefined
  return { botToken, signingSecret, appToken, apiURL: env.SLACK_API_URL, admins: env.SLACK_ADMIN_USER_ID_LIST }
}

function oidc(env: Environment): Oidc | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientID, OIDC_CLIENT_SECRET: clientSecret } = env
  if (!issuer || !clientID || !clientSecret) return undefined
  const roles = { rolesClaim: env.OIDC_ROLES_CLAIM, memberRole: env.OIDC_MEMBER_ROLE, adminRole: env.OIDC_ADMIN_ROLE }
  return { issuer, clientID, clientSecret, ...roles }
}

const isSecure = ({ protocol, hostname }: URL) => protocol === "https:" || Guard.isLoopback(hostname)

const isOrigin = ({ href, origin }: URL) => href === `${origin}/`

/** `name` has to be set unless `isFree`. */
function needs(name: keyof Environment, isFree: (env: Environment) => boolean, message: string) {
  return v.rawCheck<Environment>(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value[name] !== undefined || isFree(dataset.value)) return
    addIssue({
      message,
      path: [{ type: "object", origin: "value", input: dataset.value, key: name, value: undefined }],
    })
  })
}

function describe(issue: v.BaseIssue<unknown>) {
  return `${String(issue.path?.[0]?.key ?? "The environment")} ${issue.message}`
}

const expand = (name: string) => (name === "~" || name.startsWith("~/") ? path.join(os.homedir(), name.slice(1)) : name)

function isList(json: string) {
  return Array.isArray(v.safeParse(v.pipe(v.string(), v.parseJson()), json).output)
}
