import type { Why } from "@remote-swe/core/egress/schema"

/** What a command, and through it the model, is told of a refusal. */

export interface Place {
  host: string
  port?: number | undefined
}

const place = ({ host, port }: Place) => {
  const name = host.includes(":") ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}

const reasons: Record<Why, string> = {
  domain: "is not on the list of hosts that commands of this session may reach",
  address: "is no public address under an allowed name",
  direct: "was tried without the proxy, which nothing is let through without",
}

const noted = {
  domain: "The user has been told and can allow it: go on without it, or ask the user.",
  address: "The user has been told, but addresses cannot be allowed: use the name of an allowed host.",
  direct: "",
} satisfies Record<Why, string>

export const phrase = "Refused by the list of hosts that commands may reach"

/** The proxy's answer. */
export const refused = (where: Place, why: Why) => `${place(where)} ${reasons[why]}. ${noted[why]}`

export const unknown =
  "This proxy knows commands by the user name and password in HTTP_PROXY and HTTPS_PROXY. Send them as Proxy-Authorization."
export const noTarget = "This is a proxy: ask it with CONNECT host:port, or for an address that begins with http://"
export const unresolved = (where: Place) => `${place(where)} is allowed, but there is no such host.`
export const unreachable = (where: Place, reason: string) =>
  `${place(where)} is allowed, but cannot be reached: ${reason}.`

const mostPlaces = 10
const asides: Record<Why, string> = { domain: "", address: " (no public address)", direct: " (without the proxy)" }

/** A line at the end of a call's result. */
export function line(refusals: readonly (Place & { why: Why; jobs: readonly string[] })[]) {
  const of = (jobs: readonly string[]) => (jobs.length > 0 ? ` by ${jobs.join(", ")}` : "")
  const all = refusals.map(({ why, jobs, ...where }) => `${place(where)}${asides[why]}${of(jobs)}`)
  const shown = [...new Set(all)]
  const more = shown.length > mostPlaces ? ` and ${shown.length - mostPlaces} more` : ""
  return `[The network refused ${shown.slice(0, mostPlaces).join(", ")}${more}: commands reach hosts of a list only. The user has been told and can allow a host; go on without it, or ask.]`
}

export const widened = (hosts: readonly string[]) => `[The user has allowed ${hosts.join(", ")} meanwhile.]`
