import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto"
import { Resource } from "sst"

/** Encryption and signatures with keys derived from the installation's one, a key for each purpose. */

const cipher = "aes-256-gcm"
const ivBytes = 12
const tagBytes = 16

const key = (purpose: string) =>
  Buffer.from(hkdfSync("sha256", Resource.CookieKey.value, "", `remote-swe ${purpose}`, 32))

/** Encrypts `text` so that only `open`, with the same purpose and context, reads it. */
export function seal(purpose: string, context: string, text: string) {
  const iv = randomBytes(ivBytes)
  const encrypt = createCipheriv(cipher, key(purpose), iv).setAAD(Buffer.from(context))
  const body = Buffer.concat([encrypt.update(text, "utf8"), encrypt.final()])
  return Buffer.concat([iv, body, encrypt.getAuthTag()]).toString("base64url")
}

/** What was sealed; undefined for anything else. */
export function open(purpose: string, context: string, sealed: string) {
  const bytes = Buffer.from(sealed, "base64url")
  if (bytes.length < ivBytes + tagBytes) return undefined
  const decrypt = createDecipheriv(cipher, key(purpose), bytes.subarray(0, ivBytes))
  decrypt.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    return decrypt.update(bytes.subarray(ivBytes, -tagBytes), undefined, "utf8") + decrypt.final("utf8")
  } catch {
    // Node says by throwing that somebody else wrote it, or that it was changed.
    return undefined
  }
}

/** `text` with its signature: `<text>.<43 characters>`. */
export const sign = (purpose: string, text: string) => `${text}.${mac(purpose, text).toString("base64url")}`

/** The text that was signed; undefined where the signature is not ours. */
export function signed(purpose: string, value: string) {
  const at = value.lastIndexOf(".")
  const text = value.slice(0, Math.max(0, at))
  const given = Buffer.from(value.slice(at + 1), "base64url")
  const wanted = mac(purpose, text)
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? text : undefined
}

const mac = (purpose: string, text: string) => createHmac("sha256", key(purpose)).update(text).digest()
