import { createECDH } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { derive } from "../../src/notification/key.ts"

test("a secret is one key pair of P-256, and another secret another one", () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (secret) => {
      const { publicKey, privateKey } = derive(secret)
      const curve = createECDH("prime256v1")
      curve.setPrivateKey(privateKey, "base64url")
      expect(curve.getPublicKey("base64url")).toBe(publicKey)
      expect(derive(secret).publicKey).toBe(publicKey)
      expect(Buffer.from(privateKey, "base64url")).toHaveLength(32)
      seen.add(publicKey)
    }),
    { numRuns: 50 },
  )
  expect(seen.size).toBeGreaterThan(1)
})
