import { Bucket } from "@remote-swe/core/bucket"
import { Realtime } from "@remote-swe/core/realtime"
import { createMiddleware } from "@solidjs/start/middleware"
import { getRequestEvent } from "solid-js/web"

/**
 * Server functions are public endpoints that answer to our own pages only. A link, a form or a picture
 * cannot send the header, and another site's script would have to be allowed to first.
 */
function isForeign(request: Request) {
  const url = new URL(request.url)
  if (!url.pathname.startsWith("/_server")) return false
  if (!request.headers.has("x-server-id")) return true
  const site = request.headers.get("sec-fetch-site")
  if (site && site !== "same-origin") return true
  const origin = request.headers.get("origin")
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? url.host
  if (!origin) return request.method !== "GET"
  return !URL.canParse(origin) || new URL(origin).host !== host
}

async function policy(nonce: string) {
  const bucket = await Bucket.address()
  const broker = new URL(Realtime.url()).origin
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' data: blob: ${bucket}`,
    `connect-src 'self' ${broker} ${bucket}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ")
}

export default createMiddleware([
  async (event, next) => {
    if (isForeign(event.req)) return new Response("Only this dashboard's own pages may ask this", { status: 403 })
    const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64")
    const context = getRequestEvent()
    if (context) context.locals.nonce = nonce
    const { headers } = event.res
    headers.set("content-security-policy", await policy(nonce))
    headers.set("x-content-type-options", "nosniff")
    headers.set("referrer-policy", "same-origin")
    headers.set("cross-origin-opener-policy", "same-origin")
    headers.set("permissions-policy", "camera=(), microphone=(), geolocation=()")
    headers.set("cache-control", "no-store")
    return next()
  },
])
