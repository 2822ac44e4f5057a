import { createPrivateKey, type KeyObject } from "node:crypto"

/**
 * The private key of a GitHub App, from what people make of its PEM file to fit a variable: as it is, with
 * `\n` or spaces for the ends of lines, or all of it in base64. Undefined where it is no RSA key.
 */
export function read(text: string): KeyObject | undefined {
  const plain = text.includes("-----BEGIN") ? text : Buffer.from(text, "base64").toString()
  const pem = plain.replace(/\\r|\\n/g, "\n")
  const [, rsa, body] =
    /-----BEGIN (RSA )?PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END \1?PRIVATE KEY-----/.exec(pem) ?? []
  if (!body) return
  const key = parse(Buffer.from(body, "base64"), rsa ? "pkcs1" : "pkcs8")
  return key?.asymmetricKeyType === "rsa" ? key : undefined
}

/** Whatever OpenSSL says of it, it is no key. */
function parse(key: Buffer, type: "pkcs1" | "pkcs8") {
  try {
    return createPrivateKey({ key, format: "der", type })
  } catch {
    return
  }
}
