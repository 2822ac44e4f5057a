import { region } from "./arn.ts"
import { Config } from "./config.ts"
import { randomKey } from "./key.ts"
import { dashboardURL } from "./router.ts"
import { present, secret } from "./secret.ts"
import { isProduction } from "./stage.ts"

/** Who may sign in: people of an OIDC issuer that is configured, or of a user pool of our own. */

const { oidc, initialUser, roles } = Config.use()

export const users = oidc ? undefined : pool()

/** Signs the cookie of whoever signed in. */
export const cookieKey = new sst.Linkable("CookieKey", { properties: { value: randomKey("CookieKeyBytes").base64 } })

/** A confidential client of the issuer, and what makes somebody a member or an admin; its discovery document says the rest. */
export const auth = new sst.Linkable("Auth", {
  properties: {
    ...(users ? own(users) : foreign()),
    rolesClaim: roles.claim,
    memberRole: roles.member,
    adminRole: roles.admin,
  },
})

function foreign() {
  const [clientSecret] = present(secret.oidcClientSecret)
  if (!oidc || !clientSecret) throw new Error("An issuer without a client")
  return { issuer: oidc.issuer, clientID: oidc.clientID, clientSecret: clientSecret.value, logoutURL: "" }
}

function pool() {
  return new sst.aws.CognitoUserPool("Users", {
    usernames: ["email"],
    mfa: "optional",
    softwareToken: true,
    transform: {
      userPool: {
        adminCreateUserConfig: { allowAdminCreateUserOnly: true },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireUppercase: true,
          requireNumbers: true,
          requireSymbols: false,
          temporaryPasswordValidityDays: 7,
        },
        deletionProtection: isProduction ? "ACTIVE" : "INACTIVE",
      },
    },
  })
}

function own(users: sst.aws.CognitoUserPool) {
  const client = users.addClient("WebClient", {
    callbackUrls: [$interpolate`${dashboardURL}/auth/callback`],
    transform: {
      client: {
        generateSecret: true,
        allowedOauthFlows: ["code"],
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthScopes: ["openid", "email", "profile"],
        logoutUrls: [$interpolate`${dashboardURL}/auth/out`],
        explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
        enableTokenRevocation: true,
        preventUserExistenceErrors: "ENABLED",
        accessTokenValidity: 1,
        idTokenValidity: 1,
        refreshTokenValidity: 30,
        tokenValidityUnits: { accessToken: "hours", idToken: "hours", refreshToken: "days" },
      },
    },
  })
  // The provider has no managed login of its own yet; Cloud Control speaks to the service as it is.
  const domain = new aws.cloudcontrol.Resource("UsersDomain", {
    typeName: "AWS::Cognito::UserPoolDomain",
    desiredState: $jsonStringify({
      // Unique in the region, and stable.
      Domain: $interpolate`${$app.name}-${users.id}`.apply((name) => name.toLowerCase().replace(/[^a-z0-9-]/g, "-")),
      UserPoolId: users.id,
      ManagedLoginVersion: 2,
    }),
  })
  new aws.cloudcontrol.Resource(
    "UsersLogin",
    {
      typeName: "AWS::Cognito::ManagedLoginBranding",
      desiredState: $jsonStringify({ UserPoolId: users.id, ClientId: client.id, UseCognitoProvidedValues: true }),
    },
    { dependsOn: domain },
  )
  populate(users)
  const host = $util.jsonParse(domain.properties).apply((state: { Domain: string }) => state.Domain)
  return {
    issuer: $interpolate`https://cognito-idp.${region}.amazonaws.com/${users.id}`,
    clientID: client.id,
    clientSecret: client.secret,
    // Cognito's discovery document leaves it out.
    logoutURL: $interpolate`https://${host}.auth.${region}.amazoncognito.com/logout`,
  }
}

/** A group for each role. Whoever is in neither is refused; the first user is an admin. */
function populate(users: sst.aws.CognitoUserPool) {
  const admins = group(users, "Admins", roles.admin, "May use everything and manage API keys")
  group(users, "Members", roles.member, "May use everything but API keys")
  if (!initialUser) return
  const user = new aws.cognito.User("InitialUser", {
    userPoolId: users.id,
    username: initialUser,
    desiredDeliveryMediums: ["EMAIL"],
    attributes: { email: initialUser, email_verified: "true" },
  })
  if (admins)
    new aws.cognito.UserInGroup("InitialAdmin", {
      userPoolId: users.id,
      groupName: admins.name,
      username: user.username,
    })
}

function group(users: sst.aws.CognitoUserPool, name: string, role: string, description: string) {
  if (role === Config.anybody) return
  return new aws.cognito.UserGroup(name, { userPoolId: users.id, name: role, description })
}
