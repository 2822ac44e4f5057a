import { join } from "node:path"
import * as Hub from "@remote-swe/core/test/github"
import { expect, onTestFinished, test } from "vitest"
import { allowPush, serve } from "../git/server.ts"
import { folder, git, never, origin, sh } from "../sandbox/world.ts"
import { start } from "./cloud.ts"

const permissions = { contents: "write", pull_requests: "write" } as const
const bot = "octo-swe[bot] <98765+octo-swe[bot]@users.noreply.127.0.0.1>"

/** A GitHub whose git and API take the tokens of an app that is installed on two of its three repositories. */
async function github() {
  const hub = await Hub.start([{ id: 7, account: "acme", repositories: ["shop", "secret"], permissions }])
  onTestFinished(() => hub.close())
  const root = folder()
  for (const name of ["shop", "secret", "open"]) {
    git("/", "clone", "-q", "--bare", origin({ "a.txt": "1\n" }), join(root, "acme", name))
    allowPush(join(root, "acme", name))
  }
  const server = await serve(root, (authorization, { path, isPush }) => {
    const [, repository = ""] = /^\/(acme\/\w+)\//.exec(path) ?? []
    if (repository === "acme/open" && !isPush && authorization === "") return true
    return hub.allows(authorization, repository, "contents")
  })
  return { hub, server, root }
}

test("a session works as the GitHub App, in the repositories that a person has named", async () => {
  const { hub, server, root } = await github()
  const cloud = await start({
    github: {
      secrets: { GithubAppID: String(Hub.app.id), GithubAppPrivateKey: Hub.pem.replaceAll("\n", "\\n") },
      settings: { githubServerURL: server.url, githubAPIURL: hub.apiURL },
    },
  })
  onTestFinished(() => cloud.close())
  const { Client } = await import("@remote-swe/core/client")
  const { assemble } = await import("../../src/assembly.ts")
  const session = await cloud.create({ message: "Sell more, see acme/open", repository: "acme/shop" })
  const token = await cloud.token(session.id)
  const config = {
    apiURL: cloud.url,
    sessionID: session.id,
    token,
    dir: join(folder(), "session"),
    anthropic: { apiKey: undefined, baseURL: undefined },
    host: undefined,
    sockets: undefined,
    refusals: undefined,
    github: { serverURL: server.url, apiURL: hub.apiURL },
  }
  const client = Client.worker({ url: cloud.url, token })
  const { sandbox, workspace, close } = await assemble(config, client, client.session(), { kind: "none" })
  onTestFinished(close)

  const { branch } = await workspace.clone("acme/shop", never)
  await sh(sandbox, "echo 2 > a.txt && git commit -qam Two", "shop")
  const published = await workspace.pullRequest({ repository: "shop", title: "Two", body: "More" }, never)
  expect(published.pullRequest).toMatchObject({ host: "github", repository: "acme/shop", number: 1 })
  const seen = git(join(root, "acme", "shop"), "log", "-1", "--format=%an <%ae>, %cn <%ce>", branch).trim()
  expect(seen).toBe(`${bot}, ${bot}`)
  expect([...hub.tokens.values()].map((item) => item.repositories)).toEqual([["acme/shop"]])

  // Nobody has named it, so nobody asks for a token.
  await expect(workspace.clone("acme/secret", never)).rejects.toThrow("HTTP 401")
  expect(hub.tokens.size).toBe(1)

  // The app isn't installed there: it can be read, as everybody may, and no more.
  await workspace.clone("acme/open", never)
  await sh(sandbox, "git commit -q --allow-empty -m Three", "open")
  const refused = workspace.pullRequest({ repository: "open", title: "Three", body: "" }, never)
  await expect(refused).rejects.toThrow(/The GitHub App is not installed on acme\/open/)
  expect(await sh(sandbox, "git config user.email; git config --local user.email", "open")).toBe(
    "remote-swe@localhost\n",
  )
})
