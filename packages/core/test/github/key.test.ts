import { createPublicKey, generateKeyPairSync } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import * as Key from "../../src/github/key.ts"

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const wanted = publicKey.export({ type: "spki", format: "pem" })
const files = (["pkcs1", "pkcs8"] as const).map((type) => privateKey.export({ type, format: "pem" }).toString())
const publicOf = (text: string) => {
  const key = Key.read(text)
  return key && createPublicKey(key).export({ type: "spki", format: "pem" })
}

/** What shells, files and consoles make of the ends of lines. */
const ends = ["\n", "\r\n", "\\n", "\\r\\n", " ", "\\n\n"]

test("a key is read from every form that fits a variable", () => {
  const base64 = fc.constantFrom<BufferEncoding | undefined>(undefined, "base64", "base64url")
  const form = fc.record({
    file: fc.constantFrom(...files),
    end: fc.constantFrom(...ends),
    around: fc.constantFrom("", " ", "\n", '"', "'"),
    base64,
  })
  fc.assert(
    fc.property(form, ({ file, end, around, base64 }) => {
      const text = around + file.replaceAll("\n", end) + around
      expect(publicOf(base64 ? Buffer.from(text).toString(base64) : text)).toBe(wanted)
    }),
    { numRuns: 60 },
  )
})

test("what is not an RSA key is none", () => {
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  const others = [
    curve.export({ type: "pkcs8", format: "pem" }).toString(),
    String(publicKey.export({ type: "spki", format: "pem" })),
    files[0]?.slice(0, 400) ?? "",
    files[0]?.replace("RSA PRIVATE KEY-----\n", "RSA PRIVATE KEY-----\nAAAA") ?? "",
    "ghp_0123456789",
    "",
  ]
  for (const other of others) expect(Key.read(other)).toBeUndefined()
  fc.assert(fc.property(fc.string(), (text) => Key.read(text) === undefined))
})
