import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { Config } from "../config.ts"
import { calls, simulate } from "./check/call.ts"
import { documents, roleOf } from "./check/see.ts"
import { account } from "./harness/aws.ts"
import { root } from "./harness/place.ts"
import { recorded } from "./recorded.ts"

const boundaryArn = `arn:aws:iam::${account}:policy/remote-swe-boundary`

/** CloudFormation's functions, as they come out for `owner/name` in the account of the mocks. */
function resolve(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolve)
  if (typeof value !== "object" || value === null) return value
  if ("Ref" in value) return value.Ref === "Boundary" ? boundaryArn : `arn:aws:iam::${account}:oidc-provider/github`
  if ("Fn::If" in value && Array.isArray(value["Fn::If"])) return resolve(value["Fn::If"][1])
  if ("Fn::Sub" in value && typeof value["Fn::Sub"] === "string")
    return value["Fn::Sub"]
      .replace("${AWS::AccountId}", account)
      .replace("${Repository}", "owner/name")
      .replace("${Environment}", "production")
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]))
}

interface Template {
  Boundary: { Properties: { PolicyDocument: object } }
  DeployRole: { Properties: { AssumeRolePolicyDocument: object; Policies: { PolicyDocument: object }[] } }
}

const file = JSON.parse(readFileSync(path.join(root, "infra", "deploy-role.json"), "utf8"))
const { Boundary, DeployRole } = resolve(file.Resources) as Template
const boundary = Boundary.Properties.PolicyDocument
const policies = DeployRole.Properties.Policies.map((item) => item.PolicyDocument)
const ask = (action: string, resource: string, context: Record<string, string> = {}) =>
  simulate(`arn:aws:iam::${account}:role/remote-swe-deploy`, policies, { action, resource, context })
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`
const builder = (name: string) => `arn:aws:imagebuilder:us-east-1:${account}:${name}`
const inside = { "iam:PermissionsBoundary": boundaryArn }

describe("the boundary", () => {
  it("leaves every role what it has to do", async () => {
    const { production } = recorded()
    for (const item of calls(production).allowed) {
      const answer = await simulate(role(item.role), documents(roleOf(production, item.role)), item, boundary)
      expect(answer, JSON.stringify(item)).toBe("Allowed")
    }
  })

  it("keeps a role from making others, whatever its policy says", async () => {
    const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }
    for (const action of ["iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"])
      expect(await simulate(role("x"), [all], { action, resource: role("remote-swe/X") }, boundary)).toBe(
        "ImplicitlyDenied",
      )
    const admin = {
      action: "iam:PassRole",
      resource: role("Admin"),
      context: { "iam:PassedToService": "ec2.amazonaws.com" },
    }
    expect(await simulate(role("x"), [all], admin, boundary)).toBe("ImplicitlyDenied")
  })
})

describe("the deploy role", () => {
  it("is taken by one environment of one repository", () => {
    expect(DeployRole.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:owner/name:environment:production",
            },
          },
        },
      ],
    })
  })

  it.each([
    ["iam:CreateRole", role("remote-swe/ApiRole"), inside],
    ["iam:PutRolePolicy", role("remote-swe/ApiRole"), inside],
    ["iam:DeleteRole", role("remote-swe/ApiRole"), {}],
    ["iam:PassRole", role("remote-swe/ApiRole"), { "iam:PassedToService": "lambda.amazonaws.com" }],
    ["iam:PassRole", role("remote-swe/WorkerRole"), { "iam:PassedToService": "ec2.amazonaws.com" }],
    ["dynamodb:CreateTable", `arn:aws:dynamodb:us-east-1:${account}:table/remote-swe-production-TableTable-x`, {}],
    ["s3:PutObject", "arn:aws:s3:::sst-state-x/app/remote-swe/production.json", {}],
    ["s3:CreateBucket", "arn:aws:s3:::remote-swe-production-bucketbucket-x", {}],
    ["lambda:CreateFunction", `arn:aws:lambda:us-east-1:${account}:function:remote-swe-production-ApiFunction-x`, {}],
    [
      "scheduler:CreateScheduleGroup",
      `arn:aws:scheduler:us-east-1:${account}:schedule-group/remote-swe-production`,
      {},
    ],
    ["ssm:PutParameter", `arn:aws:ssm:us-east-1:${account}:parameter/sst/passphrase/remote-swe/production`, {}],
    ["s3:PutObject", "arn:aws:s3:::remote-swe-production-bucketbucket-x/program/1.tar.gz", {}],
    ["lambda:InvokeFunction", `arn:aws:lambda:us-east-1:${account}:function:remote-swe-production-Remover-x`, {}],
    ["imagebuilder:CreateComponent", builder("component/remote-swe-worker-1-a/1.0.0/1"), {}],
    ["imagebuilder:CreateImageRecipe", builder("image-recipe/remote-swe-worker-1-a/1.0.0"), {}],
    ["imagebuilder:UpdateImagePipeline", builder("image-pipeline/remote-swe-production-worker"), {}],
    ["imagebuilder:DeleteInfrastructureConfiguration", builder("infrastructure-configuration/remote-swe-a-worker"), {}],
    ["logs:PutMetricFilter", `arn:aws:logs:us-east-1:${account}:log-group:/remote-swe/production/Sweeper`, {}],
    [
      "iam:CreateServiceLinkedRole",
      role("aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"),
      { "iam:AWSServiceName": "imagebuilder.amazonaws.com" },
    ],
  ])("may %s on %s", async (action, resource, context) => {
    expect(await ask(action, resource, context)).toBe("Allowed")
  })

  it.each([
    // A role without the boundary, or outside of the path, would be a way to everything.
    ["iam:CreateRole", role("remote-swe/X"), {}],
    ["iam:CreateRole", role("X"), inside],
    ["iam:PutRolePolicy", role("remote-swe/X"), { "iam:PermissionsBoundary": `arn:aws:iam::${account}:policy/other` }],
    ["iam:AttachRolePolicy", role("remote-swe-deploy"), inside],
    ["iam:DeleteRolePermissionsBoundary", role("remote-swe/X"), {}],
    ["iam:CreatePolicyVersion", boundaryArn, {}],
    ["iam:CreateUser", `arn:aws:iam::${account}:user/x`, {}],
    ["iam:CreateAccessKey", `arn:aws:iam::${account}:user/x`, {}],
    ["iam:PassRole", role("Admin"), { "iam:PassedToService": "lambda.amazonaws.com" }],
    ["iam:PassRole", role("remote-swe/ApiRole"), { "iam:PassedToService": "glue.amazonaws.com" }],
    ["sts:AssumeRole", role("Admin"), {}],
    ["imagebuilder:UpdateImagePipeline", builder("image-pipeline/another"), {}],
    [
      "iam:CreateServiceLinkedRole",
      role("aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"),
      { "iam:AWSServiceName": "spot.amazonaws.com" },
    ],
    ["ec2:RunInstances", `arn:aws:ec2:us-east-1:${account}:instance/*`, {}],
    ["s3:GetObject", "arn:aws:s3:::another/x", {}],
    ["dynamodb:GetItem", `arn:aws:dynamodb:us-east-1:${account}:table/another`, {}],
    ["ssm:GetParameter", `arn:aws:ssm:us-east-1:${account}:parameter/another`, {}],
  ])("may not %s on %s", async (action, resource, context) => {
    expect(await ask(action, resource, context)).toMatch(/Denied$/)
  })
})

it("the workflow hands on every variable of the configuration", () => {
  const workflow = readFileSync(path.join(root, ".github", "workflows", "deploy.yml"), "utf8")
  const given = Config.names.filter((name) => !/^SST_SECRET_|^GITHUB_|^AWS_REGION$/.test(name))
  expect(given.filter((name) => !new RegExp(`^ +${name}: `, "m").test(workflow))).toEqual([])
})
