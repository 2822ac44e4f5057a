import { createECDH, hkdfSync } from "node:crypto"
import { Resource } from "sst"

/** The installation's key pair for push services (VAPID), derived from the secret that is linked. */

/** The order of P-256's group. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

interface Pair {
  publicKey: string
  privateKey: string
}

let made: Pair | undefined

/** Both in base64url, as browsers and push services take them. */
export const pair = () => (made ??= derive(Resource.PushKey.value))

export function derive(secret: string): Pair {
  // 128 bits more than the order has: what is taken modulo the order is as good as even.
  const bytes = Buffer.from(hkdfSync("sha256", secret, "", "remote-swe web push, P-256 private key", 48))
  const scalar = (BigInt(`0x${bytes.toString("hex")}`) % (order - 1n)) + 1n
  const privateKey = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex")
  const curve = createECDH("prime256v1")
  curve.setPrivateKey(privateKey)
  return { publicKey: curve.getPublicKey("base64url"), privateKey: privateKey.toString("base64url") }
}
