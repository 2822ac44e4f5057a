import type { Inputs, Resource, Result } from "../harness/result.ts"
import { deployed } from "../scenes.ts"
import { type Check, dig, list, of, one } from "./see.ts"

interface Rule {
  name: string
  priority: number
  action?: { block?: object }
  overrideAction?: { none?: object }
  statement: Inputs
}

/** Deployments that have a firewall: production, and whoever asks for one. */
const walled = ["production", "elsewhere"] as const

export const door: Check[] = [
  {
    name: "the firewall stands before the one door that dashboard and API share",
    run(scenes, see) {
      for (const scene of walled) {
        const result = scenes[scene]
        const firewall = one(result, "Firewall")
        see.has(firewall.inputs, { scope: "CLOUDFRONT", defaultAction: { allow: {} } }, scene)
        const distributions = of(result, "aws:cloudfront/distribution:Distribution")
        see.same(distributions.length, 1, `${scene}: doors`)
        see.same(distributions[0]?.inputs["webAclId"], arn(result, firewall), `${scene}: the door's firewall`)
        for (const route of [
          "ApiRoutesUpdate",
          "WebRoutesUpdate",
          ...(scene === "production" ? ["SlackRoutesUpdate"] : []),
        ])
          see.holds(
            result.resources.some((item) => item.name.startsWith(`${route}.`)),
            `${scene}: ${route} is not behind the router`,
          )
      }
      for (const scene of ["small", "dev"] as const)
        see.same(of(scenes[scene], "aws:wafv2/webAcl:WebAcl").length, 0, `${scene} pays for no firewall`)
    },
  },
  {
    name: "firewalls of CloudFront are made in us-east-1, wherever the rest is",
    run(scenes, see) {
      const provider = scenes.elsewhere.resources.find((item) => item.name === "FirewallRegion")
      see.same(provider?.inputs["region"], "us-east-1", "elsewhere")
      see.same(scenes.elsewhere.links["Auth"]?.["issuer"], "https://login.example.com", "elsewhere: issuer")
    },
  },
  {
    name: "lists of addresses and countries close the door, except to workers, who show a token",
    run({ production, elsewhere }, see) {
      const rules = rulesOf(production)
      see.same(
        rules.map((rule) => rule.name),
        ["Addresses", "Countries", "Rate", "Common", "BadInputs"],
        "Rules",
      )
      see.same(
        rules.map((rule) => rule.priority),
        [0, 1, 2, 3, 4],
        "Order",
      )
      const sets = of(production, "aws:wafv2/ipSet:IpSet")
      see.same(
        sets.map((item) => [item.inputs["ipAddressVersion"], item.inputs["addresses"]]),
        [
          ["IPV4", ["203.0.113.0/24"]],
          ["IPV6", ["2001:db8::/32"]],
        ],
        "Lists",
      )
      for (const name of ["Addresses", "Countries"]) {
        const rule = rules.find((item) => item.name === name)
        see.has(rule, { action: { block: {} } }, name)
        const [allowed, worker, slack] = list(dig(rule, "statement.notStatement.statements.0.orStatement.statements"))
        see.has(
          slack,
          {
            byteMatchStatement: {
              searchString: "/slack/events",
              positionalConstraint: "EXACTLY",
              fieldToMatch: { uriPath: {} },
              textTransformations: [{ type: "NONE" }],
            },
          },
          `${name}: Slack`,
        )
        see.has(
          worker,
          {
            byteMatchStatement: {
              searchString: "/api/v1/worker/",
              positionalConstraint: "STARTS_WITH",
              fieldToMatch: { uriPath: {} },
              textTransformations: [{ type: "URL_DECODE" }, { type: "NORMALIZE_PATH_WIN" }],
            },
          },
          `${name}: workers`,
        )
        const wanted =
          name === "Countries"
            ? { geoMatchStatement: { countryCodes: ["JP", "DE"] } }
            : {
                orStatement: {
                  statements: sets.map((item) => ({ ipSetReferenceStatement: { arn: arn(production, item) } })),
                },
              }
        see.same(allowed, wanted, `${name}: allowed`)
      }
      see.same(
        rulesOf(elsewhere).map((rule) => rule.name),
        ["Rate", "Common", "BadInputs"],
        "Without lists",
      )
    },
  },
  {
    name: "the firewall limits rates and applies the managed rules, but for those that read what engineers write",
    run(scenes, see) {
      for (const scene of walled) {
        const rules = rulesOf(scenes[scene])
        const rule = (name: string) => rules.find((item) => item.name === name)
        see.has(
          rule("Rate"),
          { action: { block: {} }, statement: { rateBasedStatement: { limit: 5_000, aggregateKeyType: "IP" } } },
          scene,
        )
        see.has(
          rule("BadInputs"),
          {
            overrideAction: { none: {} },
            statement: {
              managedRuleGroupStatement: { name: "AWSManagedRulesKnownBadInputsRuleSet", vendorName: "AWS" },
            },
          },
          scene,
        )
        const common = rule("Common")
        see.has(
          common,
          {
            overrideAction: { none: {} },
            statement: { managedRuleGroupStatement: { name: "AWSManagedRulesCommonRuleSet", vendorName: "AWS" } },
          },
          scene,
        )
        const overrides = dig(common, "statement.managedRuleGroupStatement.ruleActionOverrides")
        const counted = list(overrides) as { name: string }[]
        see.holds(
          counted.length === 5 && counted.every((item) => item.name.endsWith("_BODY")),
          `${scene}: only rules about bodies are counted`,
        )
      }
    },
  },
  {
    name: "a function with an address of its own answers the router only",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const open = of(result, "aws:lambda/functionUrl:FunctionUrl").map((item) => item.parent)
        see.same(open.length, scene === "production" ? 3 : 2, `${scene}: addresses`)
        for (const item of of(result, "aws:lambda/function:Function")) {
          const { variables } = item.inputs["environment"] as { variables: Record<string, string> }
          const guarded =
            item.inputs["handler"] === "server-index.handler" &&
            /^[0-9a-f]{64}$/.test(variables["ORIGIN_KEY_HASH"] ?? "")
          see.same(guarded, open.includes(item.parent), `${scene}: ${item.name} is guarded as it has an address`)
        }
      }
    },
  },
  {
    name: "API and dashboard stream, and give no other site leave to call them",
    run(scenes, see) {
      for (const scene of deployed)
        for (const item of of(scenes[scene], "aws:lambda/functionUrl:FunctionUrl")) {
          const mode = item.name === "SlackUrl" ? "BUFFERED" : "RESPONSE_STREAM"
          see.same(item.inputs["invokeMode"], mode, `${scene}: ${item.name}`)
          if (item.name === "ApiUrl" || item.name === "SlackUrl")
            see.same(item.inputs["cors"], undefined, `${scene}: ${item.name}`)
        }
    },
  },
  {
    name: "the door speaks TLS, keeps nothing that it is not told to keep, and adds the headers of security",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        const { inputs } = one(result, "RouterCdnDistribution")
        see.has(
          inputs,
          {
            defaultCacheBehavior: {
              viewerProtocolPolicy: "redirect-to-https",
              responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03",
            },
          },
          scene,
        )
        see.has(one(result, "RouterServerCachePolicy").inputs, { defaultTtl: 0, minTtl: 0 }, `${scene}: cache`)
        // CloudFront refuses longer programs.
        see.holds(
          routing(result).length < 10_240,
          `${scene}: the router's function has ${routing(result).length} bytes`,
        )
      }
    },
  },
  {
    name: "people are made by an administrator, sign in by code, and may use a second factor",
    run(scenes, see) {
      for (const scene of ["production", "small"] as const) {
        const result = scenes[scene]
        see.has(
          one(result, "UsersUserPool").inputs,
          {
            adminCreateUserConfig: { allowAdminCreateUserOnly: true },
            mfaConfiguration: "OPTIONAL",
            softwareTokenMfaConfiguration: { enabled: true },
            passwordPolicy: { minimumLength: 12 },
          },
          scene,
        )
        see.has(
          one(result, "WebClientClient").inputs,
          {
            generateSecret: true,
            allowedOauthFlows: ["code"],
            callbackUrls: [`${String(result.links["Settings"]?.["webURL"])}/auth/callback`],
            logoutUrls: [`${String(result.links["Settings"]?.["webURL"])}/auth/out`],
            preventUserExistenceErrors: "ENABLED",
          },
          scene,
        )
        const state = JSON.parse(String(one(result, "UsersDomain").inputs["desiredState"]))
        see.same(state.ManagedLoginVersion, 2, `${scene}: managed login`)
      }
      see.has(
        one(scenes.production, "InitialUser").inputs,
        { username: "owner@example.com", desiredDeliveryMediums: ["EMAIL"] },
        "The first user",
      )
      see.has(
        one(scenes.production, "InitialAdmin").inputs,
        { groupName: "admin", username: "owner@example.com" },
        "Who",
      )
      see.same(of(scenes.small, "aws:cognito/user:User").length, 0, "small: nobody was named")
      see.same(of(scenes.small, "aws:cognito/userInGroup:UserInGroup").length, 0, "small: nobody is an admin")
      const groups = of(scenes.small, "aws:cognito/userGroup:UserGroup").map((item) => item.inputs["name"])
      see.same(groups.toSorted(), ["admin", "member"], "small: groups")
      see.has(scenes.small.links["Auth"] ?? {}, { rolesClaim: "cognito:groups", adminRole: "admin" }, "small: roles")
      see.has(scenes.elsewhere.links["Auth"] ?? {}, { rolesClaim: "groups", memberRole: "*" }, "elsewhere: roles")
      see.same(of(scenes.elsewhere, "aws:cognito/userPool:UserPool").length, 0, "elsewhere: people are the issuer's")
    },
  },
]

/** The program that runs at the edge for each request. */
export const routing = (result: Result) => String(one(result, "RouterCloudfrontFunctionRequest").inputs["code"])

const rulesOf = (result: Result) => list(one(result, "Firewall").inputs["rules"]) as Rule[]

/** What the mocks call it. */
const arn = (result: Result, { type, name, inputs }: Resource) =>
  `arn:aws:${type.split(":")[1]?.split("/")[0]}:${regionOf(result)}:123456789012:${String(inputs["name"] ?? name)}`

const regionOf = (result: Result) => String(result.links["LauncherQueue"]?.["url"]).split(".")[1]
