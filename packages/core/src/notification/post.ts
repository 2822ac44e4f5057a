import type { LookupFunction } from "node:net"
import { lookup as resolve } from "node:dns"
import { request } from "node:https"
import { isPublic } from "../util/address.ts"

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
