import { Actor } from "@remote-swe/core/actor"
import { Logger } from "@remote-swe/core/logger"
import { SignIn } from "@remote-swe/core/sign-in"
import { forget, keep, recall } from "./attempt.ts"
import { type Cookie, personName, read, write } from "./cookie.ts"
import { address, auth, isSecure } from "./link.ts"
import { returnPath } from "./path.ts"
import { problemPath, RefusedError } from "./reason.ts"

/** In, back from the issuer, and out. The issuer's part is loaded when somebody comes by. */

const purpose = "person"

/** The secret of the sign-in that a browser has; undefined where the cookie is absent or not ours. */
export function secretOf(header: string | null) {
  const value = read(header, personName(isSecure()))
  return value && SignIn.signed(purpose, value)
}

export async function login(request: Request) {
  if (!auth()) return go("/")
  const { searchParams } = new URL(request.url)
  const to = returnPath(searchParams.get("to"))
  const { depart } = await import("./issuer.ts")
  const leaving = await depart(to, searchParams.has("again")).catch((error: unknown) => {
    Logger.error("the issuer cannot be reached", { error })
  })
  if (!leaving) return go(problemPath("issuer", to))
  return go(leaving.url, keep(leaving.state, leaving.attempt, request.headers.get("cookie")))
}

export async function callback(request: Request) {
  const { search, searchParams } = new URL(request.url)
  const state = searchParams.get("state") ?? ""
  const header = request.headers.get("cookie")
  let to = "/"
  try {
    const attempt = recall(state, header)
    to = returnPath(attempt.to)
    const { arrive } = await import("./issuer.ts")
    const cookie = await admit(await arrive(search, state, attempt), header)
    return go(to, [cookie, forget(state)])
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    const { reason, cause } = error
    Logger.warn("somebody could not sign in", { reason, ...(reason === "issuer" && { error: cause }) })
    return go(problemPath(reason, to), /^[\w-]+$/.test(state) ? [forget(state)] : [])
  }
}

/** Answers where the browser has to go to be forgotten by the issuer as well. */
export async function logout(request: Request) {
  const secret = secretOf(request.headers.get("cookie"))
  const tokens = secret && (await SignIn.remove(secret))
  const to = tokens ? await farewell(tokens) : address("/auth/out")
  return withCookies(Response.json({ to }), [{ name: personName(isSecure()), value: "", seconds: 0 }])
}

async function admit(proof: SignIn.Proof, header: string | null): Promise<Cookie> {
  const before = secretOf(header)
  if (before) await SignIn.remove(before)
  const secret = await Actor.provide({ type: "system" }, () => SignIn.create(proof))
  const value = SignIn.sign(purpose, secret)
  return { name: personName(isSecure()), value, seconds: SignIn.lifeMs / 1000 }
}

async function farewell(tokens: SignIn.Tokens) {
  const { leave } = await import("./issuer.ts")
  return leave(tokens).catch((error: unknown) => {
    Logger.warn("the issuer was not told that somebody left", { error })
    return address("/auth/out")
  })
}

const go = (location: string, cookies: Cookie[] = []) =>
  withCookies(new Response(null, { status: 303, headers: { location } }), cookies)

function withCookies(response: Response, cookies: Cookie[]) {
  for (const cookie of cookies) response.headers.append("set-cookie", write(cookie))
  return response
}
