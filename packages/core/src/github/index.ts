export * as Github from "./index.ts"
import { Resource } from "sst"
import { VisibleError } from "../error.ts"
import type { Credential } from "../protocol/schema.ts"
import { App } from "./app.ts"
import * as Key from "./key.ts"
import { apiURL, problem, server } from "./schema.ts"

export * from "./schema.ts"

/** Where repositories are that are named by owner and name alone. */
export const serverURL = () => Resource.Settings.githubServerURL ?? server

const isApp = () => "GithubAppID" in Resource
const isPerson = () => "GithubToken" in Resource

/** Whether this installation is anybody at GitHub. */
export const isKnown = () => isApp() || isPerson()

/** What git and the REST API take for `owner/name`: an app's short-lived token, else the one that is configured. */
export async function credential(repository: string): Promise<Credential> {
  const username = "x-access-token"
  if (isApp()) {
    const { token, expiresAt, author } = await app().grant(repository)
    return { username, password: token, expiresAt, ...(author && { author }) }
  }
  return isPerson() ? { username, password: Resource.GithubToken.value } : {}
}

let opened: App.App | undefined

const app = () => (opened ??= open())

function open() {
  const key = Key.read(Resource.GithubAppPrivateKey.value)
  if (!key) throw new VisibleError("forbidden", problem.refused, "The private key of the GitHub App cannot be read")
  return App.open({
    id: Resource.GithubAppID.value,
    key,
    installationID: "GithubInstallationID" in Resource ? Resource.GithubInstallationID.value : undefined,
    serverURL: serverURL(),
    apiURL: Resource.Settings.githubAPIURL ?? apiURL(serverURL()),
  })
}
