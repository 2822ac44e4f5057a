export * as Remote from "./remote.ts"
import { VisibleError } from "@remote-swe/core/error"
import { fileURLToPath } from "node:url"

/** Where a repository really is. */
export type Info =
  | {
      type: "http"
      /** Without user name, password, query or a slash at its end. */
      url: string
      /** `owner/name` where the server is the GitHub that we know. */
      github?: string
    }
  | { type: "local"; path: string }

/**
 * Reads what people write for a repository: `owner/name` (on `serverURL`), a URL, `git@host:path`, or
 * an absolute path. Addresses for ssh are taken as https, because that is what tokens are for.
 */
export function parse(source: string, serverURL: string): Info {
  const text = source.trim()
  // oxlint-disable-next-line no-control-regex
  if (text === "" || text.startsWith("-") || /[\0-\x1f\x7f]/.test(text)) throw invalid(source)
  if (text.startsWith("/")) return { type: "local", path: text }
  if (/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/.test(text)) return http(new URL(`${trim(serverURL)}/${text}`), serverURL)
  const short = /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)(\S+)$/.exec(text)
  if (short) return http(address(`https://${short[1]}/${short[2]}`, source), serverURL)
  const url = address(text, source)
  if (url.protocol === "file:") return { type: "local", path: fileURLToPath(url) }
  if (url.protocol === "ssh:") return http(address(`https://${url.hostname}${url.pathname}`, source), serverURL)
  if (url.protocol === "http:" || url.protocol === "https:") return http(url, serverURL)
  throw invalid(source)
}

/** The last part of where it is, as the name of a folder. */
export function name(remote: Info) {
  const path = remote.type === "local" ? remote.path : new URL(remote.url).pathname
  const parts = path.split("/").filter((part) => part !== "" && part !== ".git")
  const last = (parts.at(-1) ?? "").replace(/\.git$/, "").replace(/[^\w.-]+/g, "-")
  return last.replace(/^[.-]+/, "").slice(0, 100) || "repository"
}

/** What to call it in texts and events: never with a secret in it. */
export function label(remote: Info) {
  return remote.type === "local" ? remote.path : (remote.github ?? remote.url)
}

function http(url: URL, serverURL: string): Info {
  const server = new URL(serverURL)
  const path = url.pathname.replace(/\/+$/, "")
  const base = server.pathname.replace(/\/+$/, "")
  const inside = url.host === server.host && path.startsWith(`${base}/`)
  const github = inside ? /^\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(path.slice(base.length))?.[1] : undefined
  const origin = inside ? server.origin : url.origin
  return { type: "http", url: `${origin}${path}`, ...(github && { github }) }
}

const trim = (url: string) => url.replace(/\/+$/, "")

function address(text: string, source: string) {
  const url = URL.parse(text)
  if (!url) throw invalid(source)
  return url
}

function invalid(source: string) {
  const shown = source.replace(/\/\/[^/@]*@/, "//").slice(0, 200)
  return new VisibleError(
    "input",
    "repository.invalid",
    `Not a repository: ${shown}. Give owner/name, an https URL, or an absolute path.`,
  )
}
