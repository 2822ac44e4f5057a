import { generateKeyPairSync } from "node:crypto"
import { createServer, type RequestListener } from "node:http"
import { type AccountClaims, type Configuration, Provider } from "oidc-provider"
import { close, listen } from "../../src/net.ts"

/** An OpenID Connect issuer in the hands of the tests: a certified server, with people of our own. */

interface Account {
  name: string
  groups?: string[]
  /** Says the groups only when it is asked, not in the id token. */
  isShy?: boolean
}

const people: Record<string, Account> = {
  ada: { name: "Ada Lovelace", groups: ["admin", "others"] },
  bob: { name: "Bob <b>Member</b>", groups: ["member"], isShy: true },
  eve: { name: "Eve", groups: ["others"] },
  mallory: { name: "Mallory" },
}

export const client = { id: "dashboard", secret: "a secret: with / signs & spaces" }

export async function start() {
  // Where the dashboard is, has to be known before there can be a client of it.
  const at: { listener?: RequestListener } = {}
  const server = createServer((request, response) => at.listener?.(request, response))
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  const url = `http://127.0.0.1:${port}`
  const state = { disabled: new Set<string>(), idTokenSeconds: 3_600, refreshes: 0 }

  function serve(dashboard: string) {
    const provider = new Provider(url, configuration(dashboard, state))
    provider.on("grant.success", ({ oidc }) => {
      if (oidc.params?.["grant_type"] === "refresh_token") state.refreshes++
    })
    const callback = provider.callback()
    at.listener = (request, response) => {
      const page = pages[request.url ?? ""]
      if (page === undefined) return callback(request, response)
      response.writeHead(200, { "content-type": "text/html" }).end(page(dashboard))
    }
  }

  return { url, state, serve, close: () => close(server) }
}

export type Issuer = Awaited<ReturnType<typeof start>>

/** What another site would try, served beside the issuer. */
const pages: Record<string, (dashboard: string) => string> = {
  "/other/form": (dashboard) =>
    `<form method="post" action="${dashboard}/auth/logout"><button>Press here</button></form>`,
  "/other/script": () => "<title>Another site</title>",
}

function configuration(dashboard: string, state: { disabled: Set<string>; idTokenSeconds: number }): Configuration {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" })
  const redirect = {
    redirect_uris: [`${dashboard}/auth/callback`],
    post_logout_redirect_uris: [`${dashboard}/auth/out`],
  }
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ["authorization_code", "refresh_token"],
        ...redirect,
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ["a key that only tests use"] },
    claims: { openid: ["sub"], email: ["email"], profile: ["name", "groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { revocation: { enabled: true } },
    ttl: {
      ...{ AccessToken: 3_600, AuthorizationCode: 60, Grant: 86_400, Interaction: 3_600, Session: 86_400 },
      RefreshToken: 86_400,
      IdToken: () => state.idTokenSeconds,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    async findAccount(_, id) {
      const account = people[id]
      if (!account || state.disabled.has(id)) return undefined
      return { accountId: id, claims: async (use) => claims(id, account, use) }
    },
    // Nobody is asked what the dashboard may know: it belongs to the same organisation.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId })
      grant.addOIDCScope("openid email profile")
      await grant.save()
      return grant
    },
  }
}

function claims(sub: string, { name, groups, isShy }: Account, use: string): AccountClaims {
  const told = groups && !(isShy && use === "id_token")
  return { sub, name, email: `${sub}@example.com`, ...(told && { groups }) }
}
