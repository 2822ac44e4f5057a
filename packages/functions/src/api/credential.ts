import { Github } from "@remote-swe/core/github"
import { Log } from "@remote-swe/core/log"
import type { Credential } from "@remote-swe/core/protocol/schema"
import { Session } from "@remote-swe/core/session"

/**
 * What opens a repository of the GitHub that is configured, for the repositories that a person named in
 * the session, and for nothing else: a worker may be talked into asking for any address.
 */
export async function credential(sessionID: string, url: string): Promise<Credential> {
  const server = new URL(Github.serverURL())
  const name = addressed(url, server)
  if (!Github.isKnown() || !name || !(await isNamed(sessionID, name, server))) return {}
  return Github.credential(name)
}

/** `owner/name` of an address on `server`; undefined for an address elsewhere. */
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
  return `${match[1]}/${match[2]}`
}

const page = 500

async function isNamed(sessionID: string, name: string, server: URL) {
  const { repository, head } = await Session.fromID(sessionID)
  if (repository && isSame(named(repository, server), name)) return true
  for (let after = 0; after < head; after += page) {
    const events = await Log.list({ sessionID, after, limit: page })
    const said = events.flatMap((event) => (event.kind === "message" || event.kind === "answer" ? [event.text] : []))
    if (said.some((text) => mentions(text, name, server))) return true
  }
  return false
}

function mentions(text: string, name: string, server: URL) {
  const words = text.split(/[\s<>()[\]{}"'`,;|]+/).map((word) => word.replace(/[.:!?*]+$/, ""))
  return words.some((word) => isSame(named(word, server), name))
}

/** GitHub takes names for the same that differ by case only. */
const isSame = (one: string | undefined, other: string) => one?.toLowerCase() === other.toLowerCase()
