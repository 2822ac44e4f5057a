import * as v from "valibot"
import { Identifier } from "../identifier.ts"

/** The hosts that what the model runs may reach where the network is closed, and the one way to write them. */

export type Host = { type: "name"; name: string } | { type: "address"; address: string }

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
const named = new RegExp(`^(?:${label}\\.)+${label}$`)
/** What the parser of URLs would leave out, decode, or take for the end of a host. */
const foreign = /[\s\p{Cc}/?#@\\%[\]]/u

/**
 * The host that is meant, whatever it is written as: case, a dot at the end, other alphabets, brackets, IPv4 in
 * all its notations and within IPv6. Undefined for what is none, or has no domain.
 */
export function hostOf(written: string): Host | undefined {
  const bare = written.replace(/^\[(.*:.*)\]$/, "$1")
  if (foreign.test(bare)) return
  const url = `http://${bare.includes(":") ? `[${bare}]` : bare}/`
  if (!URL.canParse(url)) return
  const { hostname } = new URL(url)
  if (hostname.startsWith("[")) return { type: "address", address: unmapped(hostname.slice(1, -1)) }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return { type: "address", address: hostname }
  const name = hostname.replace(/\.$/, "")
  return name.length <= 253 && named.test(name) ? { type: "name", name } : undefined
}

/** IPv4 that was written as IPv6 is IPv4. */
function unmapped(address: string) {
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(address)
  if (!mapped) return address
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

/** An entry of an allow-list as it is kept: `example.com`, `*.example.com`, `example.com:8443`; undefined for none. */
export function patternOf(written: string): string | undefined {
  const parts = /^(\*\.)?([^*:]+)(?::0*([1-9]\d{0,4}))?$/.exec(written.trim())
  const [, wildcard = "", host = "", port] = parts ?? []
  const found = hostOf(host)
  if (found?.type !== "name" || Number(port ?? 0) > 65_535) return
  return `${wildcard}${found.name}${port ? `:${port}` : ""}`
}

const must = "must be names of hosts, such as example.com, *.example.com or example.com:8443"

/** An entry as it is kept. */
export const Pattern = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check((text) => patternOf(text) === text, must),
)

/** An entry as a person writes it. */
export const Written = v.pipe(
  v.string(),
  v.check((text) => patternOf(text) !== undefined, must),
  v.transform((text) => patternOf(text) ?? ""),
)

const comma = (text: string) => text.split(",").flatMap((item) => item.trim() || [])
/** Machines are told of them in user data, of which EC2 takes 16 KB. */
const longest = 4_000

/** `EGRESS_ALLOWED_DOMAINS`: entries with commas between them. A list that is there and empty is a mistake. */
export const List = v.pipe(
  v.string(),
  v.transform(comma),
  v.array(Written),
  v.minLength(1, "must name a host at least; leave it out where everything is allowed"),
  v.transform((items) => [...new Set(items)]),
  v.check((items) => items.join().length <= longest, `must have ${longest} characters at most`),
)

/** What a session's worker goes by; absent where everything is allowed. */
export const Policy = v.strictObject({ allowed: v.array(Pattern) })
export type Policy = v.InferOutput<typeof Policy>

/** A host that somebody allowed while a session ran; `always`: for the sessions to come as well. */
export const Allowed = v.strictObject({ allowed: Pattern, always: v.optional(v.literal(true)) })
export type Allowed = v.InferOutput<typeof Allowed>

/** `domain`: not on the list. `address`: no public address, or one in place of a name. `direct`: it went around the proxy. */
export const Why = v.picklist(["domain", "address", "direct"])
export type Why = v.InferOutput<typeof Why>

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))

/** A host to allow; without a port 80 and 443. */
export const Allow = v.strictObject({
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  port: v.optional(port),
  /** For all sessions to come, not only for this one. Admins may, in the dashboard; keys may not. */
  always: v.optional(v.boolean(), false),
})

/** A host that is allowed to all sessions. */
export const Info = v.strictObject({
  id: Identifier.schema("egress"),
  allowed: Pattern,
  creator: v.string(),
  time: v.strictObject({ created: v.number() }),
})
export type Info = v.InferOutput<typeof Info>

/** All that is allowed to all sessions: by the configuration, and by people since. */
export const Listed = v.strictObject({ configured: v.array(Pattern), items: v.array(Info) })
