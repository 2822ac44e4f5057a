import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  type CreateGroupCommandInput,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider"
import { beforeAll, describe, expect, it } from "vitest"
import { of, one } from "../check/see.ts"
import { work } from "../harness/place.ts"
import type { Inputs, Result } from "../harness/result.ts"

/** What the program asks of Cognito, asked of moto: as `npm run infra` has recorded it before. */

const file = path.join(work, "run", "production", "result.json")
const isRecorded = existsSync(file)
const result: Result = isRecorded ? JSON.parse(readFileSync(file, "utf8")) : undefined
if (!isRecorded) process.stderr.write("The user pool is not tried: run `npm run infra` before.\n")

/** Words that Pulumi writes in another way than the service. */
const words: Record<string, string> = {
  callbackUrls: "CallbackURLs",
  logoutUrls: "LogoutURLs",
  allowedOauthFlows: "AllowedOAuthFlows",
  allowedOauthFlowsUserPoolClient: "AllowedOAuthFlowsUserPoolClient",
  allowedOauthScopes: "AllowedOAuthScopes",
}

/** A resource's inputs in the service's own words. */
function spoken(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spoken)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      words[key] ?? key.replace(/^./, (first) => first.toUpperCase()),
      spoken(item),
    ]),
  )
}
const said = (inputs: Inputs) => spoken(inputs) as Inputs

describe.skipIf(!isRecorded)("the user pool", () => {
  const client = new CognitoIdentityProviderClient({
    endpoint: process.env["TEST_AWS_ENDPOINT"] ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  })
  let UserPoolId = ""

  beforeAll(async () => {
    const { Name, PasswordPolicy, ...rest } = said(one(result, "UsersUserPool").inputs)
    const pool = { ...rest, PoolName: Name, Policies: { PasswordPolicy } } as CreateUserPoolCommandInput
    const made = await client.send(new CreateUserPoolCommand(pool))
    UserPoolId = made.UserPool?.Id ?? ""
    for (const { inputs } of of(result, "aws:cognito/userGroup:UserGroup")) {
      const { Name: GroupName, Description } = said(inputs)
      await client.send(new CreateGroupCommand({ GroupName, Description, UserPoolId } as CreateGroupCommandInput))
    }
  })

  it("is one that people do not sign up to", async () => {
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }))
    expect(UserPool).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UsernameAttributes: ["email"],
      Policies: { PasswordPolicy: { MinimumLength: 12 } },
    })
  })

  it("has a client with a secret, for codes alone", async () => {
    const { Name: ClientName, ...rest } = said(one(result, "WebClientClient").inputs)
    const asked = { ...rest, ClientName, UserPoolId } as CreateUserPoolClientCommandInput
    const made = await client.send(new CreateUserPoolClientCommand(asked))
    const ClientId = made.UserPoolClient?.ClientId ?? ""
    const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
    expect(UserPoolClient).toMatchObject({
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email", "profile"],
      CallbackURLs: rest["CallbackURLs"],
      ClientSecret: expect.any(String),
    })
  })

  it("takes the first user, who is an admin", async () => {
    const { username, attributes } = one(result, "InitialUser").inputs as {
      username: string
      attributes: Record<string, string>
    }
    const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
    const made = await client.send(
      new AdminCreateUserCommand({ UserPoolId, Username: username, UserAttributes, DesiredDeliveryMediums: ["EMAIL"] }),
    )
    const Username = made.User?.Username ?? ""
    const { GroupName } = said(one(result, "InitialAdmin").inputs) as { GroupName: string }
    await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }))
    const user = await client.send(new AdminGetUserCommand({ UserPoolId, Username: username }))
    expect(user).toMatchObject({ UserStatus: "FORCE_CHANGE_PASSWORD", Enabled: true })
    expect(user.UserAttributes).toEqual(expect.arrayContaining(UserAttributes))
    const { Groups } = await client.send(new AdminListGroupsForUserCommand({ UserPoolId, Username }))
    expect(Groups?.map((item) => item.GroupName)).toEqual(["admin"])
  })
})
