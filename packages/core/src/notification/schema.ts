import * as v from "valibot"

export const Language = v.picklist(["en", "ja"])
export type Language = v.InferOutput<typeof Language>

/** Names that lead to machines of the own network, or nowhere. */
const inward = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|test|invalid|onion|arpa)$/

/** A push service stands in public, under a name and at the usual port. */
export function isPublicService(text: string) {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, port, username, password } = new URL(text)
  const isNamed = /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+$/.test(hostname)
  return protocol === "https:" && !port && !username && !password && isNamed && !inward.test(hostname)
}

const base64url = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}=*$`), `Must be ${bytes} bytes in base64url`),
  )

/** Where a push service takes what is meant for one browser. Names the browser, so it is for its owner only. */
export const Endpoint = v.pipe(
  v.string(),
  v.maxLength(1_000),
  v.check(isPublicService, "Must be the https address of a public push service"),
)

/** A browser that wants to be told. */
export const Subscribe = v.strictObject({
  endpoint: Endpoint,
  /** The browser's public key and its secret, which only it and we know: nobody in between can read along. */
  p256dh: base64url(65),
  auth: base64url(16),
  /** Which browser this is, for people. */
  label: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  language: Language,
})

export const Info = v.strictObject({
  /** SHA-256 of the endpoint. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  label: v.string(),
  language: Language,
  time: v.strictObject({ created: v.number() }),
})
export type Info = v.InferOutput<typeof Info>
