export * as Guard from "./guard.ts"
import { isIP } from "node:net"
import type { IncomingMessage } from "node:http"

/**
 * Without an issuer the owner needs no login on loopback, so whatever reaches the port must come from the owner's own
 * pages and programs. A page of somebody else, open in the same browser, can send requests here: its
 * name for us stands in Host (DNS rebinding), its own name in Origin, and the browser says in
 * Sec-Fetch-Site what it is to us.
 */
export function create(port: number, publicURL?: string) {
  const own = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
  const hosts = new Set([...own, ...(publicURL ? [new URL(publicURL).host] : [])])
  const origins = new Set([...own.map((host) => new URL(`http://${host}`).origin), ...(publicURL ? [publicURL] : [])])

  /** Why a request is refused; undefined where it may pass. */
  return function refusal({ headers, method }: Pick<IncomingMessage, "headers" | "method">): string | undefined {
    const host = headers.host?.toLowerCase()
    if (!host || !hosts.has(host)) return "Host names another system: use the address that Remote SWE printed"
    if (headers.origin !== undefined && !origins.has(headers.origin)) return "Other origins may not use this system"
    const site = headers["sec-fetch-site"]
    if (site === undefined || site === "same-origin" || site === "none") return undefined
    // Whoever follows a link from another page may look at ours, at the top of a tab.
    const link = method === "GET" && headers["sec-fetch-mode"] === "navigate"
    if (link && headers["sec-fetch-dest"] === "document") return undefined
    // A page that was opened as 127.0.0.1 and asks localhost says whose it is.
    return headers.origin === undefined ? "Other sites may not use this system" : undefined
  }
}

const names = ["localhost", "127.0.0.1", "[::1]"]

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string) {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase()
  if (name === "localhost" || name === "::1") return true
  return isIP(name) === 4 && name.startsWith("127.")
}

/** For every answer whose route does not say otherwise. */
export const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const
