import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import type { Post } from "../../src/notification/index.ts"

/** A push service and the browsers that fetch from it. It reads nothing; they decrypt, by RFC 8291 as it stands. */

export interface Push {
  /** The browser that it was for. */
  path: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** How the service answers the next letters for a browser, in order; 201 where nothing is said. */
type Script = { status: number; headers?: Record<string, string> }[]

export async function serve() {
  const got: Push[] = []
  const scripts = new Map<string, Script>()
  const server = createServer(async (request, response) => {
    const push = { path: request.url ?? "", headers: request.headers, body: await buffer(request) }
    const { status, headers } = scripts.get(push.path)?.shift() ?? { status: 201 }
    if (status < 300) got.push(push)
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** To here, whichever public address the letter has. */
  const post: Post = async ({ endpoint, headers, body }) => {
    const response = await fetch(origin + new URL(endpoint).pathname, { method: "POST", headers, body })
    return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined }
  }
  return {
    got,
    post,
    answer: (path: string, script: Script) => void scripts.set(path, script),
    close: () => server.close(),
  }
}

/** A browser that subscribes at `https://push.example.com<path>`. */
export function browser(path: string) {
  const curve = createECDH("prime256v1")
  curve.generateKeys()
  const secret = randomBytes(16)
  return {
    path,
    subscription: {
      endpoint: `https://push.example.com${path}`,
      p256dh: curve.getPublicKey("base64url"),
      auth: secret.toString("base64url"),
      label: "Firefox on a telephone",
      language: "en" as "en" | "ja",
    },
    read: ({ body }: Push): unknown => JSON.parse(decrypt(body, curve, secret)),
  }
}

function decrypt(body: Buffer, curve: ReturnType<typeof createECDH>, secret: Buffer) {
  const salt = body.subarray(0, 16)
  const sender = body.subarray(21, 21 + body.readUInt8(20))
  const sealed = body.subarray(21 + sender.length)
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), curve.getPublicKey(), sender])
  const material = Buffer.from(hkdfSync("sha256", curve.computeSecret(sender), secret, info, 32))
  const key = Buffer.from(hkdfSync("sha256", material, salt, "Content-Encoding: aes128gcm\0", 16))
  const nonce = Buffer.from(hkdfSync("sha256", material, salt, "Content-Encoding: nonce\0", 12))
  const cipher = createDecipheriv("aes-128-gcm", key, nonce)
  cipher.setAuthTag(sealed.subarray(-16))
  const text = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString()
  return text.slice(0, text.lastIndexOf("\u0002"))
}

/** What the sender says of itself, if `publicKey` signed it. */
export function claims({ headers }: Push, publicKey: string): unknown {
  const [, token = "", key] = /^vapid t=([^,]+), k=(.+)$/.exec(String(headers["authorization"])) ?? []
  const [head = "", body = "", signature = ""] = token.split(".")
  const point = Buffer.from(publicKey, "base64url")
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")]
  const signer = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" })
  const given = Buffer.from(signature, "base64url")
  const isTrue = verify("sha256", Buffer.from(`${head}.${body}`), { key: signer, dsaEncoding: "ieee-p1363" }, given)
  return key === publicKey && isTrue ? JSON.parse(Buffer.from(body, "base64url").toString()) : undefined
}
