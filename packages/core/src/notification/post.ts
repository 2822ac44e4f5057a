import { type LookupFunction, BlockList, isIPv6 } from "node:net"
import { lookup as resolve } from "node:dns"
import { request } from "node:https"

/** The way to push services. The address is whatever a browser said, so it must not lead inwards. */

export interface Letter {
  endpoint: string
  headers: Record<string, string>
  body: Buffer
}
export interface Answer {
  status: number
  retryAfter: string | undefined
}
export type Post = (letter: Letter) => Promise<Answer>

const inward = new BlockList()
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  inward.addSubnet(net, prefix, "ipv4")

/** Whatever is global in IPv6 but for what carries IPv4 in it. */
const outward = new BlockList()
outward.addSubnet("2000::", 3, "ipv6")
const wrapping = new BlockList()
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const)
  wrapping.addSubnet(net, prefix, "ipv6")

export function isPublic(address: string) {
  if (!isIPv6(address)) return !inward.check(address, "ipv4")
  return outward.check(address, "ipv6") && !wrapping.check(address, "ipv6")
}

/** Asked at each connection, so that a name that leads elsewhere the next time is looked at as well. */
const lookup: LookupFunction = (name, options, cb) => {
  resolve(name, { ...options, all: true }, (error, found) => {
    if (error) return cb(error, "")
    const open = found.filter(({ address }) => isPublic(address))
    const [first] = open
    if (!first) return cb(new Error(`${name} is not a public host`), "")
    if (options.all) return cb(null, open)
    cb(null, first.address, first.family)
  })
}

const patienceMs = 15_000

/** Sends one letter; follows no redirection. Throws where there is no answer. */
export const post: Post = ({ endpoint, headers, body }) =>
  new Promise((done, fail) => {
    const signal = AbortSignal.timeout(patienceMs)
    const sent = request(endpoint, { method: "POST", headers, lookup, signal }, (response) => {
      response.resume().on("error", fail)
      done({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] })
    })
    sent.on("error", fail).end(body)
  })
