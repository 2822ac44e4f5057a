import { Config } from "./config.ts"

type Name = keyof Config.Info["secret"]

/** A secret that need not be set (`sst secret set`): what it belongs to is on when it is. */
const optional = (name: Name) => (Config.use().secret[name] ? new sst.Secret(name) : undefined)

export const secret = {
  anthropicApiKey: optional("AnthropicApiKey"),
  oidcClientSecret: optional("OidcClientSecret"),
  githubToken: optional("GithubToken"),
  githubAppID: optional("GithubAppID"),
  githubInstallationID: optional("GithubInstallationID"),
  githubAppPrivateKey: optional("GithubAppPrivateKey"),
  slackBotToken: optional("SlackBotToken"),
  slackSigningSecret: optional("SlackSigningSecret"),
  slackAppToken: optional("SlackAppToken"),
}

/** Those that are set, for `link`. */
export const present = (...secrets: (sst.Secret | undefined)[]) => secrets.flatMap((item) => item ?? [])

/** Who we are at GitHub. */
export const github = present(
  secret.githubToken,
  secret.githubAppID,
  secret.githubInstallationID,
  secret.githubAppPrivateKey,
)
