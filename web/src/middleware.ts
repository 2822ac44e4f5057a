import { Bucket } from "@remote-swe/core/bucket"
import { Realtime } from "@remote-swe/core/realtime"
import { createMiddleware } from "@solidjs/start/middleware"
import { getRequestEvent } from "solid-js/web"
import { Resource } from "sst"
import { caller } from "./context/auth.ts"
import { auth } from "./lib/sign-in/link.ts"
import { loginPath } from "./lib/sign-in/path.ts"
import { statusOf } from "./lib/sign-in/reason.ts"

/**
 * What changes something, and every server function, answers our own pages only. A link, a form or a
 * picture of another site cannot send the header, and its scripts and forms say in Origin whose they are.
 */
function isForeign(request: Request) {
  const isFunction = pathOf(request).startsWith("/_server")
  const isReading = request.method === "GET" || request.method === "HEAD"
  if (!isFunction && isReading) return false
  if (isFunction && !request.headers.has("x-server-id")) return true
  const site = request.headers.get("sec-fetch-site")
  if (site && site !== "same-origin") return true
  const origin = request.headers.get("origin")
  if (!origin) return !isReading
  return origin !== new URL(Resource.Settings.webURL).origin
}

/** Pages are for people who signed in, where there is somewhere to sign in. Server functions say so themselves. */
async function refusal(request: Request) {
  const path = pathOf(request)
  if (!auth() || path.startsWith("/_server") || path.startsWith("/auth/")) return undefined
  const { actor } = await caller()
  if (actor.type !== "public") return undefined
  const isPage = request.method === "GET" && request.headers.get("accept")?.includes("text/html")
  if (!isPage) return new Response("Sign in first", { status: 401 })
  const { pathname, search } = new URL(request.url)
  return new Response(null, { status: 303, headers: { location: loginPath(pathname + search) } })
}

const pathOf = (request: Request) => new URL(request.url).pathname

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
    "worker-src 'self'",
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
    // Known before anything is rendered, and sent before that is done.
    event.res.status = statusOf(new URL(event.req.url))
    return (await refusal(event.req)) ?? next()
  },
])
