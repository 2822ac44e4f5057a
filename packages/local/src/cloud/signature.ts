import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

/**
 * AWS Signature Version 4, checked as AWS does it. The embedded servers take any signature, and every
 * process of this machine can reach their ports; only who has this start's secret may use them.
 */
export interface Keys {
  id: string
  secret: string
}

interface Claim {
  /** `<id>/<day>/<region>/<service>/aws4_request` */
  credential: string
  signedHeaders: string[]
  signature: string
  date: string
  /** Seconds. */
  lifetime: number
  payload: string
  query: [string, string][]
}

const unsigned = "UNSIGNED-PAYLOAD"
/** How far a signature's time may be from ours, in seconds. */
const skew = 15 * 60

export function verify(request: IncomingMessage, keys: Keys, now = Date.now()) {
  const url = new URL(request.url ?? "/", "http://localhost")
  const claim = fromHeaders(request, url) ?? fromQuery(url)
  if (!claim) return false
  const [id, day = "", region = "", service = "", end] = claim.credential.split("/")
  if (id !== keys.id || end !== "aws4_request" || !claim.signedHeaders.includes("host")) return false
  if (!isCurrent(claim, now)) return false

  const headers = claim.signedHeaders.map((name) => `${name}:${header(request, name)}\n`).join("")
  const canonical = [
    request.method,
    path(url, service),
    canonicalQuery(claim.query),
    headers,
    claim.signedHeaders.join(";"),
    claim.payload,
  ].join("\n")
  const text = ["AWS4-HMAC-SHA256", claim.date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join(
    "\n",
  )
  const expected = hmac(signingKey(keys.secret, day, region, service), text)
  const given = Buffer.from(claim.signature, "hex")
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const signingKeys = new Map<string, string | Buffer>()

/** The same for all requests of a day to one service. */
function signingKey(secret: string, ...scope: string[]) {
  const name = [secret, ...scope].join("/")
  const known = signingKeys.get(name)
  if (known) return known
  if (signingKeys.size > 100) signingKeys.clear()
  const key = [...scope, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  signingKeys.set(name, key)
  return key
}

function fromHeaders(request: IncomingMessage, url: URL): Claim | undefined {
  const form = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/
  const [, credential, signedHeaders, signature] = form.exec(request.headers.authorization ?? "") ?? []
  if (!credential || !signedHeaders || !signature) return
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    date: header(request, "x-amz-date"),
    lifetime: skew,
    payload: header(request, "x-amz-content-sha256") || unsigned,
    query: [...url.searchParams],
  }
}

function fromQuery({ searchParams: query }: URL): Claim | undefined {
  const credential = query.get("X-Amz-Credential")
  const signature = query.get("X-Amz-Signature")
  if (!credential || !signature || query.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") return
  return {
    credential,
    signedHeaders: (query.get("X-Amz-SignedHeaders") ?? "").split(";"),
    signature,
    date: query.get("X-Amz-Date") ?? "",
    lifetime: Number(query.get("X-Amz-Expires")),
    payload: query.get("X-Amz-Content-Sha256") ?? unsigned,
    query: [...query].filter(([name]) => name !== "X-Amz-Signature"),
  }
}

function isCurrent({ date, lifetime }: Claim, now: number) {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number)
  const age = (now - Date.UTC(year, month - 1, day, hour, minute, second)) / 1000
  return age >= -skew && age <= lifetime
}

/** S3 signs the path as it is sent; all others encode it once more. */
const path = ({ pathname }: URL, service: string) =>
  service === "s3" ? pathname : pathname.split("/").map(encode).join("/")

const canonicalQuery = (query: readonly [string, string][]) =>
  query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&")

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

function header(request: IncomingMessage, name: string) {
  const value = request.headers[name]
  return (Array.isArray(value) ? value.join(",") : (value ?? "")).trim().replace(/\s+/g, " ")
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()
