import { Log } from "@remote-swe/core/log"
import { Session } from "@remote-swe/core/session"
import { Resource } from "sst"

/**
 * The GitHub token, for the GitHub that is configured and for the repositories that a person named in
 * the session, and for nothing else: a worker may be talked into asking for any address.
 */
export async function credential(sessionID: string, url: string) {
  const token = "GithubToken" in Resource ? Resource.GithubToken.value : ""
  const server = new URL(Resource.Settings.githubServerURL ?? "https://github.com")
  const name = addressed(url, server)
  if (!token || !name || !(await isNamed(sessionID, name, server))) return {}
  return { username: "x-access-token", password: token }
}

/** `owner/name` of an address on `server`, in lower case; undefined for an address elsewhere. */
export function addressed(url: string, server: URL) {
  if (!URL.canParse(url)) return
  const { protocol, host, pathname, username, password } = new URL(url)
  if (protocol !== server.protocol || host !== server.host || username || password) return
  const base = server.pathname.replace(/\/$/, "")
  return pathname.startsWith(`${base}/`) ? ownerAndName(pathname.slice(base.length + 1)) : undefined
}

/** `owner/name` of what a person writes: a URL of any kind, `git@host:owner/name`, or `owner/name`. */
export function named(text: string, server: URL) {
  const scp = /^git@([\w.-]+):(.+)$/.exec(text)
  if (scp) return scp[1]?.toLowerCase() === server.hostname ? ownerAndName(scp[2] ?? "") : undefined
  if (!text.includes("://")) return /^[\w.-]+\/[\w.-]+(#\d+)?$/.test(text) ? ownerAndName(text) : undefined
  if (!text.startsWith("ssh://")) return addressed(text, server)
  if (!URL.canParse(text) || new URL(text).hostname !== server.hostname) return
  return ownerAndName(new URL(text).pathname.slice(1))
}

function ownerAndName(path: string) {
  const match = /^([\w.-]+)\/([\w.-]+?)(\.git)?(?=$|[/?#])/.exec(path)
  if (!match?.[1] || !match[2] || /^\.+$/.test(match[2])) return
  return `${match[1]}/${match[2]}`.toLowerCase()
}

const page = 500

async function isNamed(sessionID: string, name: string, server: URL) {
  const { repository, head } = await Session.fromID(sessionID)
  if (repository && named(repository, server) === name) return true
  for (let after = 0; after < head; after += page) {
    const events = await Log.list({ sessionID, after, limit: page })
    const said = events.flatMap((event) => (event.kind === "message" || event.kind === "answer" ? [event.text] : []))
    if (said.some((text) => mentions(text, name, server))) return true
  }
  return false
}

function mentions(text: string, name: string, server: URL) {
  const words = text.split(/[\s<>()[\]{}"'`,;|]+/).map((word) => word.replace(/[.:!?*]+$/, ""))
  return words.some((word) => named(word, server) === name)
}
