export * as App from "./app.ts"
import type { KeyObject } from "node:crypto"
import { SignJWT } from "jose"
import * as v from "valibot"
import { VisibleError } from "../error.ts"
import { type Answer, ask, type Call } from "./ask.ts"
import { type Author, problem } from "./schema.ts"

export interface Options {
  /** Its number, or its client id. */
  id: string
  key: KeyObject
  /** Where the app may act; wherever it is installed where this is absent. */
  installationID: string | undefined
  serverURL: string
  apiURL: string
  now?: () => number
}

/** What lets somebody act on one repository for a while. */
export interface Grant {
  token: string
  expiresAt: number
  /** The app's bot, where GitHub tells of it. */
  author: Author | undefined
}

export type App = ReturnType<typeof open>

/** What a worker does with a repository: it fetches, pushes and opens pull requests. */
const needed = { contents: "write", pull_requests: "write" } as const
/** GitHub takes no change of a workflow without it. Whoever gave it to the app wants that it may. */
const wanted = { workflows: "write" } as const

/** A token is not given away when it ends so soon: git has a request or two to make with it. */
const marginMs = 5 * 60_000
/** Clocks that differ by less are not the reason why GitHub refuses a signature. */
const driftMs = 30_000
/** GitHub takes what was signed for ten minutes at most, and nothing from the future. */
const signed = { before: 60, after: 8 * 60 }

const Installation = v.object({
  id: v.number(),
  app_slug: v.string(),
  permissions: v.record(v.string(), v.string()),
  suspended_at: v.nullish(v.string()),
})
type Installation = v.InferOutput<typeof Installation>
const Token = v.object({ token: v.string(), expires_at: v.pipe(v.string(), v.isoTimestamp()) })
const User = v.object({ id: v.number() })
const Problem = v.object({ message: v.string() })

interface Held {
  grant: Promise<Grant>
  /** After that there has to be another one. */
  until: number
}

/** A GitHub App. Tokens are kept in memory, one for each repository, until shortly before they end. */
export function open({ id, key, installationID, serverURL, apiURL, now = Date.now }: Options) {
  const held = new Map<string, Held>()
  const authors = new Map<string, Author>()
  /** How far GitHub's clock is ahead of ours. */
  let ahead = 0

  /** A token for `owner/name` and nothing else. Throws `VisibleError` where GitHub gives none. */
  function grant(repository: string): Promise<Grant> {
    const name = repository.toLowerCase()
    const known = held.get(name)
    if (known && now() < known.until) return known.grant
    for (const [name, { until }] of held) if (until <= now()) held.delete(name)
    const made: Held = { grant: mint(repository), until: Infinity }
    held.set(name, made)
    made.grant.then(
      ({ expiresAt }) => void (made.until = expiresAt - marginMs),
      () => held.delete(name),
    )
    return made.grant
  }

  async function mint(repository: string): Promise<Grant> {
    const installation = await find(repository)
    const answer = await asApp({
      method: "POST",
      path: `/app/installations/${installation.id}/access_tokens`,
      body: { repositories: [repository.split("/")[1]], permissions: permissions(installation, repository) },
    })
    if (answer.status !== 201) throw refused(answer, `a token for ${repository}`)
    const { token, expires_at } = parse(Token, answer)
    const author = await bot(installation.app_slug, token)
    return { token, expiresAt: Date.parse(expires_at) - ahead, author }
  }

  /** The installation that the repository is in: it is of its owner, so a name alone says which one is meant. */
  async function find(repository: string) {
    const answer = await asApp({ method: "GET", path: `/repos/${repository}/installation` })
    if (answer.status === 404) throw absent(`The GitHub App is not installed on ${repository}`)
    if (answer.status >= 300 && answer.status < 400)
      throw absent(`${repository} has been renamed, and the GitHub App is only asked for what it is called now`)
    if (answer.status !== 200) throw refused(answer, `to tell where ${repository} is`)
    const found = parse(Installation, answer)
    if (installationID !== undefined && String(found.id) !== installationID)
      throw absent(`${repository} is in installation ${found.id} of the GitHub App, and only ${installationID} is used`)
    if (found.suspended_at)
      throw new VisibleError("forbidden", problem.refused, `The GitHub App is suspended where ${repository} is`)
    return found
  }

  /** Once more where GitHub says that it's another time than we thought. */
  async function asApp(call: Omit<Call, "token">) {
    const used = ahead
    const answer = await ask(apiURL, { ...call, token: await sign() })
    ahead = answer.date === undefined ? ahead : answer.date - now()
    if (answer.status !== 401) return answer
    const again = Math.abs(ahead - used) > driftMs
    const last = again ? await ask(apiURL, { ...call, token: await sign() }) : answer
    if (last.status !== 401) return last
    throw refused(last, "the GitHub App: check its id and its private key")
  }

  function sign() {
    const second = Math.floor((now() + ahead) / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer(id)
      .setIssuedAt(second - signed.before)
      .setExpirationTime(second + signed.after)
      .sign(key)
  }

  /** Commits of this author are shown as the app's. */
  async function bot(slug: string, token: string) {
    const known = authors.get(slug)
    if (known) return known
    const name = `${slug}[bot]`
    const answer = await ask(apiURL, { method: "GET", path: `/users/${encodeURIComponent(name)}`, token })
    if (answer.status !== 200) return
    const { hostname } = new URL(serverURL)
    const author = { name, email: `${parse(User, answer).id}+${name}@users.noreply.${hostname}` }
    authors.set(slug, author)
    return author
  }

  return { grant }
}

function permissions({ permissions }: Installation, repository: string) {
  const lacking = Object.keys(needed).filter((name) => permissions[name] !== "write")
  if (lacking.length === 0) return permissions["workflows"] === "write" ? { ...needed, ...wanted } : needed
  const names = lacking.join(" and ").replaceAll("_", " ")
  throw new VisibleError(
    "forbidden",
    problem.refused,
    `The GitHub App may not write ${names} where ${repository} is. Give it that permission in its settings, ` +
      "and let the owner of the installation accept it",
  )
}

function absent(what: string) {
  return new VisibleError("missing", problem.installation, `${what}. Its owner can add it to the app's installation.`)
}

function refused({ status, json }: Answer, what: string) {
  const said = v.safeParse(Problem, json)
  const words = said.success ? `: ${said.output.message.slice(0, 300)}` : ""
  return new VisibleError("forbidden", problem.refused, `GitHub refused ${what} (HTTP ${status}${words})`)
}

function parse<Schema extends v.GenericSchema>(schema: Schema, { json }: Answer) {
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  const path = v.getDotPath(parsed.issues[0]) ?? "its answer"
  const message = `What answers for GitHub's API is something else (${path}): check its address`
  throw new VisibleError("conflict", problem.unreachable, message)
}
