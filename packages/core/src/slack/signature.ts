import { createHmac, timingSafeEqual } from "node:crypto"

/** Older and later requests are refused: somebody may have recorded one. */
const windowSeconds = 5 * 60

interface Signed {
  secret: string
  /** The headers `x-slack-signature` and `x-slack-request-timestamp`. */
  signature: string | undefined
  timestamp: string | undefined
  /** As it came. */
  body: string
  now: number
}

/** Whether Slack made this request, just now. Compares in constant time. */
export function verify({ secret, signature, timestamp, body, now }: Signed) {
  if (!secret || !signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now / 1000 - Number(timestamp)) > windowSeconds) return false
  const wanted = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`
  const given = Buffer.from(signature)
  return given.length === wanted.length && timingSafeEqual(given, Buffer.from(wanted))
}
