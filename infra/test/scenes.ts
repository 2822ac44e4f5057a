import { generateKeyPairSync } from "node:crypto"
import type { Result } from "./harness/result.ts"
import type { Scene } from "./harness/evaluate.ts"

const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" })

/** The deployments that are looked at: everything on, nothing set, an existing network elsewhere, and `sst dev`. */
export const scenes = {
  production: {
    stage: "production",
    env: {
      INITIAL_WEBAPP_USER_EMAIL: "owner@example.com",
      ALARM_EMAIL: "alarm@example.com",
      ALLOWED_IPV4_CIDRS: "203.0.113.0/24",
      ALLOWED_IPV6_CIDRS: "2001:db8::/32",
      ALLOWED_COUNTRIES: "JP,DE",
      GITHUB_SERVER_URL: "https://github.example.com",
      PERMISSIONS_BOUNDARY: "arn:aws:iam::123456789012:policy/remote-swe-boundary",
      WARM_POOL_SIZE: "2",
      WORKER_SUDO: "true",
      WORKER_ADDITIONAL_POLICIES: "Extra, arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
      SST_SECRET_GithubToken: "a token",
      SST_SECRET_AnthropicApiKey: "a key",
      SLACK_ADMIN_USER_ID_LIST: "U012AB3CD, U0BOSS",
      SST_SECRET_SlackBotToken: "a token of the bot",
      SST_SECRET_SlackSigningSecret: "a secret of Slack",
    },
  },
  small: { stage: "ann" },
  elsewhere: {
    stage: "staging",
    region: "eu-west-1",
    env: {
      WAF: "on",
      VPC_ID: "vpc-0123456789abcdef0",
      SUBNET_IDS: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
      WORKER_INSTANCE_TYPES: "m7g.large,t4g.large",
      WORKER_IMAGE_ID: "ami-00000000000000001",
      WORKER_SPOT: "true",
      EGRESS_ALLOWED_DOMAINS: "Example.com, *.example.org:8443",
      WORKER_SPOT_FALLBACK: "false",
      OIDC_ISSUER: "https://login.example.com",
      OIDC_CLIENT_ID: "remote-swe",
      OIDC_MEMBER_ROLE: "*",
      LLM_PROVIDER: "anthropic",
      ANTHROPIC_BASE_URL: "https://models.example.com",
      GITHUB_SERVER_URL: "https://octo.ghe.com",
      GITHUB_API_URL: "https://api.octo.ghe.com",
      SST_SECRET_GithubToken: "a token",
      SST_SECRET_GithubAppID: "12345",
      SST_SECRET_GithubInstallationID: "67890",
      SST_SECRET_GithubAppPrivateKey: key.toString().replaceAll("\n", "\\n"),
      SST_SECRET_OidcClientSecret: "a secret",
      SST_SECRET_AnthropicApiKey: "a key",
    },
  },
  dev: {
    stage: "ann",
    dev: true,
    env: {
      SLACK_ADMIN_USER_ID_LIST: "U0BOSS",
      SST_SECRET_SlackBotToken: "a token of the bot",
      SST_SECRET_SlackAppToken: "a token of the app",
    },
  },
} satisfies Record<string, Scene>

export type SceneName = keyof typeof scenes
export type Scenes = Record<SceneName, Result>

/** Those that deploy. */
export const deployed = ["production", "small", "elsewhere"] as const
