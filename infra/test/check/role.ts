import * as Bedrock from "../../../packages/core/src/model/bedrock.ts"
import { deployed } from "../scenes.ts"
import { type Check, granted, list, of, roleOf, roles, statementsOf } from "./see.ts"

/** What may stand on every resource, and why. */
const descriptions = "EC2 knows no resources for descriptions"
const lists = "Image Builder knows no resources for lists"
const agent = "Systems Manager's agent speaks for its own machine, and knows no resource"
const everywhere: Record<string, string> = {
  "ec2:DescribeInstances": descriptions,
  "ec2:DescribeImages": descriptions,
  "ec2:DescribeSnapshots": descriptions,
  "ec2:DescribeVolumes": descriptions,
  "imagebuilder:ListImages": lists,
  "imagebuilder:ListImageRecipes": lists,
  "imagebuilder:ListComponents": lists,
  "imagebuilder:ListDistributionConfigurations": lists,
  "ssmmessages:CreateControlChannel": agent,
  "ssmmessages:CreateDataChannel": agent,
  "ssmmessages:OpenControlChannel": agent,
  "ssmmessages:OpenDataChannel": agent,
  "ec2messages:AcknowledgeMessage": agent,
  "ec2messages:DeleteMessage": agent,
  "ec2messages:FailMessage": agent,
  "ec2messages:GetEndpoint": agent,
  "ec2messages:GetMessages": agent,
  "ec2messages:SendReply": agent,
}
/** What `sst dev` adds so that functions run on a laptop: personal stages only. */
const whileDeveloping = ["appsync:*", "s3:*"]

const lambda = { Service: "lambda.amazonaws.com" }
const ec2 = { Service: "ec2.amazonaws.com" }
const scheduler = { Service: ["scheduler.amazonaws.com"] }

export const role: Check[] = [
  {
    name: "no statement allows every action of a service, or anything on every resource, but for a list with reasons",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes))
        for (const item of roles(result))
          for (const { Effect, Action, Resource } of granted(item)) {
            const where = `${scene}: ${item.name}: ${Action.join(", ")}`
            see.same(Effect, "Allow", where)
            for (const action of Action)
              see.holds(
                !action.includes("*") || (scene === "dev" && whileDeveloping.includes(action)),
                `${where}: ${action} has a wildcard`,
              )
            if (Resource.includes("*"))
              see.holds(
                Action.every((action) => action in everywhere || (scene === "dev" && action === "appsync:*")),
                `${where} on every resource`,
              )
            else see.holds(Resource.length > 0 && Resource.every(isNarrow), `${where} on ${Resource.join(", ")}`)
          }
    },
  },
  {
    name: "a deployed role is taken by its own service and nobody else",
    run(scenes, see) {
      for (const scene of deployed)
        for (const item of roles(scenes[scene])) {
          const trusted = statementsOf(item.inputs["assumeRolePolicy"])
          see.same(
            trusted.map(({ Effect, Action, Principal }) => ({ Effect, Action, Principal })),
            [
              {
                Effect: "Allow",
                Action: ["sts:AssumeRole"],
                Principal: { WorkerRole: ec2, ImageRole: ec2, SchedulerRole: scheduler }[item.name] ?? lambda,
              },
            ],
            `${scene}: who takes ${item.name}`,
          )
        }
    },
  },
  {
    name: "managed policies are the ones that were asked for",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes))
        for (const item of roles(result)) {
          const asked = scene === "production" && item.name === "WorkerRole"
          see.same(
            list(item.inputs["managedPolicyArns"]),
            asked
              ? ["arn:aws:iam::123456789012:policy/Extra", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
              : [],
            `${scene}: ${item.name}`,
          )
        }
    },
  },
  {
    name: "every role has the boundary that is configured and the path that the deploy role may touch, and fits into IAM's limit",
    run(scenes, see) {
      const boundary = "arn:aws:iam::123456789012:policy/remote-swe-boundary"
      for (const item of roles(scenes.production)) {
        see.same(item.inputs["permissionsBoundary"], boundary, item.name)
        see.same(item.inputs["path"], "/remote-swe/", `${item.name}: path`)
        const size = list(item.inputs["inlinePolicies"]).map((policy) => JSON.stringify(policy).length)
        see.holds(size.reduce((sum, each) => sum + each, 0) < 10_240, `${item.name} is too long: ${size.join(" + ")}`)
      }
    },
  },
  {
    name: "the worker writes its logs and calls the chosen models, nothing else",
    run(scenes, see) {
      const [logs, models, ...more] = granted(roleOf(scenes.production, "WorkerRole"))
      see.same(more, [], "More than logs and models")
      see.same(logs?.Action, ["logs:CreateLogStream", "logs:PutLogEvents"], "Logs")
      see.same(
        logs?.Resource,
        ["arn:aws:logs:us-east-1:123456789012:log-group:/remote-swe/production/worker:*"],
        "Where to",
      )
      see.same(models?.Action, ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"], "Models")
      const behind = Bedrock.profiles("global").map((name) => `foundation-model/${Bedrock.parse(name).model}`)
      const offered = [...Bedrock.profiles("global").map((name) => `inference-profile/${name}`), ...behind]
      see.same(
        [...new Set(models?.Resource.map((arn) => arn.split(":").slice(5).join(":")))].sort(),
        offered.sort(),
        "What the dashboard offers, and nothing else",
      )
      see.same(granted(roleOf(scenes.elsewhere, "WorkerRole")).length, 1, "With Anthropic, logs only")
    },
  },
  {
    name: "the authoriser writes its logs, nothing else",
    run(scenes, see) {
      for (const scene of deployed) {
        const all = granted(roleOf(scenes[scene], "RealtimeAuthorizerHandler")).flatMap((item) => item.Action)
        see.same(all, ["logs:CreateLogStream", "logs:PutLogEvents"], scene)
      }
    },
  },
  {
    name: "only the router, the broker, and the scheduler of this stage call functions",
    run(scenes, see) {
      for (const scene of deployed)
        for (const item of of(scenes[scene], "aws:lambda/permission:Permission")) {
          const { principal, sourceArn, action } = item.inputs
          see.same(action, "lambda:InvokeFunction", item.name)
          // A function's address needs it. Whoever calls without the router's key is refused by the guard.
          if (principal === "*")
            see.holds(/^(Api|WebServer|Slack(?!Queue))/.test(item.name), `${item.name} is open to everybody`)
          else see.holds(typeof sourceArn === "string" && sourceArn.length > 0, `${item.name} names no source`)
        }
    },
  },
]

/** Of this account and this app: a whole service, or all of another app, is not. */
function isNarrow(resource: string) {
  const [, , , , , ...rest] = resource.split(":")
  return !/^\*?$/.test(rest.join(":")) && !resource.startsWith("arn:aws:s3:::*")
}
