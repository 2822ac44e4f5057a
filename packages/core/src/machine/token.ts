import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** Session tokens: `swe_w_<sessionID>_<43 characters>`. The session in it is where to look, not a proof. */
const form = /^swe_w_(ses_[0-9a-hjkmnp-tv-z]{26})_[\w-]{43}$/

export const create = (sessionID: string) => `swe_w_${sessionID}_${randomBytes(32).toString("base64url")}`

export const sessionID = (token: string) => form.exec(token)?.[1]

export const hash = (token: string) => createHash("sha256").update(token).digest("hex")

/** In constant time: how long it takes tells nothing of the hash. */
export const matches = (token: string, stored: string) =>
  timingSafeEqual(Buffer.from(hash(token), "hex"), Buffer.from(stored, "hex"))
