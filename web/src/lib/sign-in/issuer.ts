import { Logger } from "@remote-swe/core/logger"
import type { SignIn } from "@remote-swe/core/sign-in"
import {
  allowInsecureRequests,
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  ResponseBodyError,
  tokenRevocation,
} from "openid-client"
import type { Attempt } from "./attempt.ts"
import { address, auth } from "./link.ts"
import { RefusedError } from "./reason.ts"
import { type Claims, personOf, rolesIn } from "./role.ts"

/** What is said to the issuer: OpenID Connect's authorization code flow with PKCE, state and nonce. */

/** How long the issuer may take for one answer. */
const timeoutSeconds = 5
/** How long its discovery document is believed. */
const knownMs = 60 * 60_000
/** What a token endpoint says when it no longer vouches for somebody. */
const endings = new Set(["invalid_grant", "access_denied", "login_required", "interaction_required"])

type Answer = Awaited<ReturnType<typeof refreshTokenGrant>>

/** Where to sign in, and what has to be known on the way back. `isAgain`: the issuer is to ask who it is. */
export async function depart(to: string, isAgain: boolean) {
  const config = await configuration()
  const scopes = ["openid", "email", "profile"]
  // Where the issuer knows this one, it is what lets us ask again without the person.
  if (config.serverMetadata().scopes_supported?.includes("offline_access")) scopes.push("offline_access")
  const state = randomState()
  const attempt: Attempt = { nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to }
  const url = buildAuthorizationUrl(config, {
    redirect_uri: address("/auth/callback"),
    scope: scopes.join(" "),
    state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
    ...(isAgain && { prompt: "login" }),
  })
  return { url: url.href, state, attempt }
}

/** Who came back, by the `search` of the address that the issuer sent them to. */
export async function arrive(search: string, state: string, attempt: Attempt): Promise<SignIn.Proof> {
  const config = await configuration()
  const checks = { expectedState: state, expectedNonce: attempt.nonce, pkceCodeVerifier: attempt.verifier }
  const answer = await authorizationCodeGrant(config, new URL(address(`/auth/callback${search}`)), {
    ...checks,
    idTokenExpected: true,
  }).catch((cause: unknown) => {
    if (cause instanceof AuthorizationResponseError) throw new RefusedError("refused", { cause })
    if (isEnding(cause)) throw new RefusedError("code", { cause })
    throw new RefusedError("issuer", { cause })
  })
  const proof = await proofOf(config, answer)
  if (!proof) throw new RefusedError("role")
  return proof
}

/** Asks whether somebody may still come in. */
export const ask: SignIn.Ask = async (tokens, person) => {
  try {
    const config = await configuration()
    const answer = await refreshTokenGrant(config, tokens.refresh)
    const proof = await proofOf(config, answer, { tokens, userID: person.userID })
    return proof ? { type: "renewed", proof } : { type: "refused" }
  } catch (error) {
    if (isEnding(error)) return { type: "refused" }
    Logger.warn("the issuer does not answer whether somebody may still come in", { error })
    return { type: "silent" }
  }
}

/** Tells the issuer that somebody left; answers where to send them. */
export async function leave({ refresh, id }: SignIn.Tokens): Promise<string> {
  const { logoutURL, clientID } = link()
  const out = address("/auth/out")
  const config = await configuration()
  const { revocation_endpoint, end_session_endpoint } = config.serverMetadata()
  if (revocation_endpoint && refresh)
    await tokenRevocation(config, refresh).catch((error: unknown) =>
      Logger.warn("the issuer did not take back a token of somebody who left", { error }),
    )
  // Cognito has names of its own for this.
  if (logoutURL) return `${logoutURL}?${new URLSearchParams({ client_id: clientID, logout_uri: out })}`
  if (!end_session_endpoint) return out
  return buildEndSessionUrl(config, { post_logout_redirect_uri: out, ...(id && { id_token_hint: id }) }).href
}

const isEnding = (error: unknown) => error instanceof ResponseBodyError && endings.has(error.error)

/** Undefined for somebody without a role, and for another person than before. */
async function proofOf(
  config: Configuration,
  answer: Answer,
  before?: { tokens: SignIn.Tokens; userID: string },
): Promise<SignIn.Proof | undefined> {
  const token = answer.claims()
  const userID = token?.sub ?? before?.userID
  if (!userID || (before && before.userID !== userID)) return undefined
  const person = personOf(await claimsOf(config, answer, userID), userID, link())
  const refresh = answer.refresh_token ?? before?.tokens.refresh
  const id = link().logoutURL ? undefined : (answer.id_token ?? before?.tokens.id)
  const seconds = token?.exp ?? Date.now() / 1000 + (answer.expires_in ?? 0)
  return person && { person, tokens: { ...(refresh && { refresh }), ...(id && { id }) }, ends: seconds * 1000 }
}

/** What the id token says; where it says nothing of roles, also what the issuer says when asked. */
async function claimsOf(config: Configuration, answer: Answer, userID: string): Promise<Claims> {
  const token = answer.claims()
  const { rolesClaim } = link()
  if ((token && rolesIn(token, rolesClaim)) || !config.serverMetadata().userinfo_endpoint) return { ...token }
  return { ...(await fetchUserInfo(config, answer.access_token, userID)), ...token }
}

let known: { config: Promise<Configuration>; until: number } | undefined

function configuration() {
  if (known && Date.now() < known.until) return known.config
  const config = discover()
  known = { config, until: Date.now() + knownMs }
  // The next one tries again.
  config.catch(() => (known = undefined))
  return config
}

async function discover() {
  const { issuer, clientID, clientSecret } = link()
  const server = new URL(issuer)
  return discovery(server, clientID, undefined, authentication(clientSecret), {
    timeout: timeoutSeconds,
    // Which the configuration allows on loopback only.
    execute: server.protocol === "http:" ? [allowInsecureRequests] : [],
  })
}

/** As the issuer likes it; without a word from it, the way that every issuer has to know. */
function authentication(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
    return (methods.includes("client_secret_basic") ? basic : post)(server, ...rest)
  }
}

function link() {
  const found = auth()
  if (!found) throw new Error("There is no issuer")
  return found
}
