export * as Config from "./config.ts"
import { isIP } from "node:net"
import * as v from "valibot"
import { List as Hosts } from "../packages/core/src/egress/schema.ts"
import * as GithubKey from "../packages/core/src/github/key.ts"
import * as Bedrock from "../packages/core/src/model/bedrock.ts"

/**
 * All that a deployment can be told, read from the environment (SST loads `.env` and `.env.<stage>`).
 * The only file of infra that reads it. The README has the same as a table.
 */

const text = v.pipe(v.string(), v.trim(), v.minLength(1))
const url = v.pipe(text, v.url("must be a URL"), v.startsWith("https://", "must be a URL that begins with https://"))
const name = v.pipe(text, v.maxLength(128, "must have 128 characters at most"))
const email = v.pipe(text, v.email("must be an e-mail address"))

const matching = (pattern: RegExp, message: string) => v.pipe(text, v.regex(pattern, message))

/** Comma separated, each item of `schema`. */
const list = <Item extends v.GenericSchema<string, string>>(schema: Item) =>
  v.pipe(
    v.string(),
    v.transform((value) => value.split(",").flatMap((item) => item.trim() || [])),
    v.array(schema),
    v.transform((items) => [...new Set(items)]),
  )

const whole = (from: number, to: number) =>
  v.pipe(
    matching(/^\d+$/, `must be a whole number from ${from} to ${to}`),
    v.transform(Number),
    v.check((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`),
  )

const flag = v.pipe(
  v.picklist(["true", "false"], 'must be "true" or "false"'),
  v.transform((value) => value === "true"),
)

const region = matching(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region, such as us-east-1")
const subnet = matching(/^subnet-[0-9a-f]{8,17}$/, "must be subnet ids, such as subnet-0a1b2c3d")
const instanceType = matching(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "must be instance types, such as t3.large")
const policy = matching(
  /^(arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/)?[\w+=,.@/-]+$/,
  "must be names or ARNs of managed policies",
)
const range = (version: 4 | 6, longest: number, message: string) =>
  v.pipe(
    text,
    v.check((value) => {
      const [address = "", length = "", ...rest] = value.split("/")
      // WAF has no range of length 0.
      return (
        isIP(address) === version && /^[1-9]\d{0,2}$/.test(length) && Number(length) <= longest && rest.length === 0
      )
    }, message),
  )
const ipv4 = range(4, 32, "must be IPv4 ranges, such as 203.0.113.0/24")
const ipv6 = range(6, 128, "must be IPv6 ranges, such as 2001:db8::/32")
const slackUser = matching(/^[UW][A-Z0-9]+$/, "must be ids of members, such as U012AB3CD")
const githubApp = matching(/^(\d+|Iv[\w.]+)$/, "must be the number of a GitHub App, or its client id")
const githubKey = v.pipe(
  text,
  v.check(
    (value) => GithubKey.read(value) !== undefined,
    "must be the private key of a GitHub App: its PEM file, as it is or in base64",
  ),
)
const country = matching(/^[A-Z]{2}$/, "must be two-letter country codes, such as JP")

/** What core makes of it is core's; that it is a list, and which ids Bedrock knows, is needed here. */
const Model = v.looseObject({
  id: text,
  providerID: v.optional(v.looseObject({ bedrock: v.optional(text) })),
})
const models = v.pipe(
  text,
  v.check((json) => v.safeParse(Models, json).success, "must be a JSON list of models, each with an id"),
)
const Models = v.pipe(v.string(), v.parseJson(), v.array(Model))

const Variables = v.object({
  AWS_REGION: v.optional(region, "us-east-1"),
  LLM_PROVIDER: v.optional(
    v.picklist(["anthropic", "bedrock"], 'must be "anthropic" or "bedrock": there is no demo in the cloud'),
    "bedrock",
  ),
  LLM_MODEL: v.optional(text),
  LLM_MODELS: v.optional(models, "[]"),
  BEDROCK_GEOGRAPHY: v.optional(
    v.picklist(["global", "region"], 'must be "global", or "region" to stay in the geography of AWS_REGION'),
    "global",
  ),
  ANTHROPIC_BASE_URL: v.optional(url),
  REMOTE_SWE_IDLE_MINUTES: v.optional(whole(1, 1_440), "30"),
  VPC_ID: v.optional(matching(/^vpc-[0-9a-f]{8,17}$/, "must be the id of a VPC, such as vpc-0a1b2c3d")),
  SUBNET_IDS: v.optional(list(subnet)),
  WORKER_INSTANCE_TYPES: v.optional(list(instanceType), "t3.large,t3a.large,m7i-flex.large"),
  WORKER_IMAGE_ID: v.optional(matching(/^ami-[0-9a-f]{8,17}$/, "must be the id of an image, such as ami-0a1b2c3d")),
  WORKER_DISK_GB: v.optional(whole(20, 2_000), "50"),
  WORKER_SPOT: v.optional(flag, "false"),
  WORKER_SPOT_FALLBACK: v.optional(flag, "true"),
  WORKER_SUDO: v.optional(flag, "false"),
  WARM_POOL_SIZE: v.optional(whole(0, 50), "0"),
  WARM_POOL_STATE: v.optional(v.picklist(["stopped", "running"], 'must be "stopped" or "running"'), "stopped"),
  WORKER_ADDITIONAL_POLICIES: v.optional(list(policy), ""),
  EGRESS_ALLOWED_DOMAINS: v.optional(Hosts),
  ALLOWED_IPV4_CIDRS: v.optional(list(ipv4), ""),
  ALLOWED_IPV6_CIDRS: v.optional(list(ipv6), ""),
  ALLOWED_COUNTRIES: v.optional(list(country), ""),
  WAF: v.optional(v.picklist(["auto", "on"], 'must be "auto" or "on"'), "auto"),
  WAF_RATE_LIMIT: v.optional(whole(100, 2_000_000), "5000"),
  INITIAL_WEBAPP_USER_EMAIL: v.optional(email),
  OIDC_ISSUER: v.optional(url),
  OIDC_CLIENT_ID: v.optional(text),
  OIDC_ROLES_CLAIM: v.optional(name),
  OIDC_MEMBER_ROLE: v.optional(name, "member"),
  OIDC_ADMIN_ROLE: v.optional(name, "admin"),
  GITHUB_SERVER_URL: v.optional(url),
  GITHUB_API_URL: v.optional(url),
  ALARM_EMAIL: v.optional(email),
  KEY_EPOCH: v.optional(matching(/^[\w.-]{1,64}$/, "must be letters, digits, dots and dashes"), "1"),
  PERMISSIONS_BOUNDARY: v.optional(
    matching(/^arn:aws[a-z-]*:iam::\d{12}:policy\/.+$/, "must be the ARN of a managed policy"),
  ),
  SST_SECRET_AnthropicApiKey: v.optional(text),
  SST_SECRET_OidcClientSecret: v.optional(text),
  SST_SECRET_GithubToken: v.optional(text),
  SST_SECRET_GithubAppID: v.optional(githubApp),
  SST_SECRET_GithubInstallationID: v.optional(matching(/^\d+$/, "must be a number")),
  SST_SECRET_GithubAppPrivateKey: v.optional(githubKey),
  SLACK_ADMIN_USER_ID_LIST: v.optional(list(slackUser), ""),
  SST_SECRET_SlackBotToken: v.optional(text),
  SST_SECRET_SlackSigningSecret: v.optional(text),
  SST_SECRET_SlackAppToken: v.optional(text),
})
type Variables = v.InferOutput<typeof Variables>

/** What no single variable can tell. */
const Environment = v.pipe(
  Variables,
  needs(
    "SUBNET_IDS",
    (env) => !env.VPC_ID || Boolean(env.SUBNET_IDS?.length),
    "is needed with VPC_ID: the subnets in which workers start (private ones will do)",
  ),
  needs("VPC_ID", (env) => !env.SUBNET_IDS || Boolean(env.VPC_ID), "is needed with SUBNET_IDS"),
  needs("OIDC_CLIENT_ID", (env) => !env.OIDC_ISSUER || Boolean(env.OIDC_CLIENT_ID), "is needed with OIDC_ISSUER"),
  needs("OIDC_ISSUER", (env) => !env.OIDC_CLIENT_ID || Boolean(env.OIDC_ISSUER), "is needed with OIDC_CLIENT_ID"),
  needs(
    "SST_SECRET_OidcClientSecret",
    (env) => !env.OIDC_ISSUER || Boolean(env.SST_SECRET_OidcClientSecret),
    "is needed with OIDC_ISSUER: sst secret set OidcClientSecret …",
  ),
  needs(
    "SST_SECRET_AnthropicApiKey",
    (env) => env.LLM_PROVIDER !== "anthropic" || Boolean(env.SST_SECRET_AnthropicApiKey),
    "is needed when LLM_PROVIDER is anthropic: sst secret set AnthropicApiKey …",
  ),
  needs(
    "SST_SECRET_GithubAppPrivateKey",
    (env) => !env.SST_SECRET_GithubAppID || Boolean(env.SST_SECRET_GithubAppPrivateKey),
    "is needed with GithubAppID: sst secret set GithubAppPrivateKey < <the PEM file>",
  ),
  needs(
    "SST_SECRET_GithubAppID",
    (env) =>
      Boolean(env.SST_SECRET_GithubAppID) ||
      !(env.SST_SECRET_GithubAppPrivateKey ?? env.SST_SECRET_GithubInstallationID),
    "is needed with GithubAppPrivateKey and GithubInstallationID: sst secret set GithubAppID …",
  ),
  needs(
    "SST_SECRET_SlackSigningSecret",
    (env) =>
      !env.SST_SECRET_SlackBotToken || Boolean(env.SST_SECRET_SlackSigningSecret ?? env.SST_SECRET_SlackAppToken),
    "is needed with SlackBotToken: sst secret set SlackSigningSecret … (in sst dev SlackAppToken will do)",
  ),
  needs(
    "SST_SECRET_SlackBotToken",
    (env) =>
      Boolean(env.SST_SECRET_SlackBotToken) || !(env.SST_SECRET_SlackSigningSecret ?? env.SST_SECRET_SlackAppToken),
    "is needed with SlackSigningSecret and SlackAppToken: sst secret set SlackBotToken …",
  ),
  needs(
    "SLACK_ADMIN_USER_ID_LIST",
    (env) => !env.SST_SECRET_SlackBotToken || env.SLACK_ADMIN_USER_ID_LIST.length > 0,
    "is needed with SlackBotToken: the ids of those who say in Slack who may give tasks",
  ),
  needs(
    "BEDROCK_GEOGRAPHY",
    (env) => env.BEDROCK_GEOGRAPHY === "global" || Bedrock.geographyOf(env.AWS_REGION) !== undefined,
    'must be "global": Bedrock has no profiles that stay in the geography of AWS_REGION',
  ),
  needs(
    "LLM_MODEL",
    (env) => env.LLM_PROVIDER !== "bedrock" || bedrockName(env, env.LLM_MODEL) !== undefined,
    "must be a model that Bedrock has there: one of packages/core/src/model/bedrock.ts, a name of Bedrock's own, " +
      "or one that LLM_MODELS describes",
  ),
  needs(
    "WORKER_SUDO",
    (env) => !env.WORKER_SUDO || env.EGRESS_ALLOWED_DOMAINS === undefined,
    'must be "false" with EGRESS_ALLOWED_DOMAINS: whoever is root on a machine opens its network',
  ),
  needs(
    "WORKER_INSTANCE_TYPES",
    (env) => new Set(env.WORKER_INSTANCE_TYPES.map(architecture)).size === 1,
    "must name at least one type, and types of one processor architecture: they share an image",
  ),
)

/** A configuration that cannot be deployed; the message is for the person who wrote it. */
export class ConfigError extends Error {}

export type Info = ReturnType<typeof read>

export function read(env: Record<string, string | undefined>) {
  // A variable that is set to nothing is one that is not set: that is how shells and files clear them.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = v.safeParse(Environment, given)
  if (!parsed.success) throw new ConfigError(parsed.issues.map(describe).join("\n"))
  const out = parsed.output
  return {
    region: out.AWS_REGION,
    model: {
      provider: out.LLM_PROVIDER,
      id: out.LLM_MODEL ?? (out.LLM_PROVIDER === "bedrock" ? Bedrock.initial(geography(out)) : "claude-opus-5-5"),
      known: out.LLM_MODELS,
      baseURL: out.ANTHROPIC_BASE_URL,
      geography: out.LLM_PROVIDER === "bedrock" ? geography(out) : undefined,
      bedrock: out.LLM_PROVIDER === "bedrock" ? bedrock(out) : [],
    },
    idleMs: out.REMOTE_SWE_IDLE_MINUTES * 60_000,
    network: out.VPC_ID ? { vpcID: out.VPC_ID, subnetIDs: out.SUBNET_IDS ?? [] } : undefined,
    worker: {
      instanceTypes: out.WORKER_INSTANCE_TYPES,
      architecture: architecture(out.WORKER_INSTANCE_TYPES[0] ?? ""),
      imageID: out.WORKER_IMAGE_ID,
      diskGB: out.WORKER_DISK_GB,
      spot: out.WORKER_SPOT,
      spotFallback: out.WORKER_SPOT_FALLBACK,
      /** Whether commands may become root, and with that get at everything on their machine. */
      sudo: out.WORKER_SUDO,
      pool: { size: out.WARM_POOL_SIZE, state: out.WARM_POOL_STATE },
      policies: out.WORKER_ADDITIONAL_POLICIES,
      /** Hosts that what the model runs may reach; everything where it is undefined. */
      egress: out.EGRESS_ALLOWED_DOMAINS,
    },
    firewall: {
      always: out.WAF === "on",
      ipv4: out.ALLOWED_IPV4_CIDRS,
      ipv6: out.ALLOWED_IPV6_CIDRS,
      countries: out.ALLOWED_COUNTRIES,
      /** Requests of one address in five minutes. */
      rate: out.WAF_RATE_LIMIT,
    },
    initialUser: out.INITIAL_WEBAPP_USER_EMAIL,
    oidc: out.OIDC_ISSUER && out.OIDC_CLIENT_ID ? { issuer: out.OIDC_ISSUER, clientID: out.OIDC_CLIENT_ID } : undefined,
    roles: {
      /** Where the issuer says it; Cognito and the others have their habits. */
      claim: out.OIDC_ROLES_CLAIM ?? (out.OIDC_ISSUER ? "groups" : "cognito:groups"),
      member: out.OIDC_MEMBER_ROLE,
      admin: out.OIDC_ADMIN_ROLE,
    },
    github: { serverURL: out.GITHUB_SERVER_URL, apiURL: out.GITHUB_API_URL },
    alarmEmail: out.ALARM_EMAIL,
    slack: { admins: out.SLACK_ADMIN_USER_ID_LIST },
    keyEpoch: out.KEY_EPOCH,
    boundary: out.PERMISSIONS_BOUNDARY,
    /** Secrets that are set (`sst secret set`): what they belong to is on because they are. */
    secret: {
      AnthropicApiKey: out.SST_SECRET_AnthropicApiKey !== undefined,
      OidcClientSecret: out.SST_SECRET_OidcClientSecret !== undefined,
      // An app's tokens are short-lived and open one repository each: where there is an app, no other is used.
      GithubToken: out.SST_SECRET_GithubToken !== undefined && out.SST_SECRET_GithubAppID === undefined,
      GithubAppID: out.SST_SECRET_GithubAppID !== undefined,
      GithubInstallationID: out.SST_SECRET_GithubInstallationID !== undefined,
      GithubAppPrivateKey: out.SST_SECRET_GithubAppPrivateKey !== undefined,
      SlackBotToken: out.SST_SECRET_SlackBotToken !== undefined,
      SlackSigningSecret: out.SST_SECRET_SlackSigningSecret !== undefined,
      SlackAppToken: out.SST_SECRET_SlackAppToken !== undefined,
    },
  }
}

/** Where the deployment goes. SST asks for it also to set a secret, when the rest may not be complete yet. */
export function whereabouts(env: Record<string, string | undefined> = process.env) {
  const parsed = v.safeParse(v.optional(region, "us-east-1"), env["AWS_REGION"]?.trim() || undefined)
  if (!parsed.success) throw new ConfigError(`AWS_REGION ${parsed.issues[0].message}`)
  return parsed.output
}

let current: Info | undefined

/** The configuration of this deployment. */
export const use = () => (current ??= read(process.env))

/** The role that everybody has whom the issuer lets in. */
export const anybody = "*"

/** Where `sst dev` serves the dashboard. */
export const devPort = 3000

/** Names of the variables, for the table in the documentation. */
export const names = Object.keys(Variables.entries)

/** Graviton families have a `g` after their generation: m7g, c8gd, t4g. */
function architecture(type: string) {
  return /^[a-z]+\d+g/.test(type) ? ("arm64" as const) : ("amd64" as const)
}

type Models = Pick<Variables, "AWS_REGION" | "BEDROCK_GEOGRAPHY" | "LLM_MODEL" | "LLM_MODELS">

/** None where the list is wrong, which is told elsewhere. */
function added({ LLM_MODELS }: Models) {
  const parsed = v.safeParse(Models, LLM_MODELS)
  return parsed.success ? parsed.output : []
}

/** Where Bedrock may answer. */
const geography = ({ AWS_REGION, BEDROCK_GEOGRAPHY }: Models) =>
  (BEDROCK_GEOGRAPHY === "region" ? Bedrock.geographyOf(AWS_REGION) : undefined) ?? "global"

/** What Bedrock calls the model `id`; undefined where it has no such model. Its own names hold a dot or a colon. */
function bedrockName(env: Models, id = Bedrock.initial(geography(env))) {
  const described = added(env).find((model) => model.id === id)?.providerID?.bedrock
  return described ?? Bedrock.profile(id, geography(env)) ?? (/[.:]/.test(id) ? id : undefined)
}

/** The names by which Bedrock may be called: what the dashboard offers, and what is added to that. */
function bedrock(env: Models) {
  const described = added(env).flatMap((model) => model.providerID?.bedrock ?? [])
  return [...new Set([bedrockName(env, env.LLM_MODEL) ?? [], described, Bedrock.profiles(geography(env))].flat())]
}

function needs(name: keyof Variables, holds: (env: Variables) => boolean, message: string) {
  return v.rawCheck<Variables>(({ dataset, addIssue }) => {
    if (!dataset.typed || holds(dataset.value)) return
    addIssue({
      message,
      path: [{ type: "object", origin: "value", input: dataset.value, key: name, value: undefined }],
    })
  })
}

function describe(issue: v.BaseIssue<unknown>) {
  const name = String(issue.path?.[0]?.key ?? "The environment").replace(/^SST_SECRET_/, "Secret ")
  return `${name} ${issue.message}`
}
