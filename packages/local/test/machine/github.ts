import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import path from "node:path"
import { json } from "node:stream/consumers"
import { backend } from "../../../worker/test/git/backend.ts"

/** A GitHub of one's own below `/github`: one repository by smart HTTP, and what a pull request asks for. Both want the token. */
export function create(folder: string, token: string) {
  const root = mkdtempSync(path.join(folder, "github-"))
  const work = path.join(root, "work")
  const bare = path.join(root, "github", "acme", "shop")
  const git = (cwd: string, ...args: string[]) => execFileSync("git", args, { cwd, encoding: "utf8", env: variables })
  mkdirSync(work)
  git(work, "init", "-q", "-b", "main")
  writeFileSync(path.join(work, "README.md"), "# Shop\n")
  git(work, "add", "-A")
  git(work, "commit", "-q", "-m", "Begin")
  git(root, "clone", "-q", "--bare", work, bare)
  git(bare, "config", "http.receivepack", "true")
  const pulls: { number: number; html_url: string; head?: string; title?: string }[] = []

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { url = "", headers } = request
    const basic = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`
    if (headers.authorization !== basic && headers.authorization !== `Bearer ${token}`)
      return response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
    if (!url.startsWith("/github/api/v3/")) return backend(root, request, response)
    response.setHeader("content-type", "application/json")
    if (request.method === "GET") return response.end(JSON.stringify(pulls))
    pulls.push({ number: 7, html_url: "https://github.test/acme/shop/pull/7", ...((await json(request)) as object) })
    response.writeHead(201).end(JSON.stringify(pulls[0]))
  }

  return {
    repository: "acme/shop",
    pulls,
    answer,
    /** Names of refs. */
    refs: () => git(bare, "for-each-ref", "--format=%(refname)").trim().split("\n"),
    /** All that was ever pushed, as text. */
    everything: () => git(bare, "log", "--all", "--patch"),
  }
}

const who = { NAME: "Owner", EMAIL: "owner@example.com" }
const variables = {
  PATH: process.env["PATH"],
  ...Object.fromEntries(
    Object.entries(who).flatMap(([name, value]) => [
      [`GIT_AUTHOR_${name}`, value],
      [`GIT_COMMITTER_${name}`, value],
    ]),
  ),
}
