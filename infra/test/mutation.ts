import type { Inputs, Resource } from "./harness/result.ts"
import { list, parsed, roleOf } from "./check/see.ts"
import type { SceneName, Scenes } from "./scenes.ts"

/**
 * Ways in which the program could be wrong. Each is made in a copy of what was recorded, and one of the
 * checks must notice.
 */
export interface Mutation {
  name: string
  make(scenes: Scenes): void
}

/** Sets a field of a resource, `a.0.b` being a path. An undefined value takes the field away. */
const put = (scene: SceneName, name: string, path: string, value: unknown): Mutation => ({
  name: `${scene}: ${name}.${path} = ${JSON.stringify(value)}`,
  make: (scenes) => set(find(scenes, scene, name).inputs, path.split("."), value),
})

/** Changes a statement of a role's policy. */
const policy = (name: string, what: string, change: (statements: Json[]) => void): Mutation => ({
  name: `the role of ${name}: ${what}`,
  make(scenes) {
    const role = roleOf(scenes.production, name)
    const policies = list(role.inputs["inlinePolicies"]) as { policy: string }[]
    role.inputs["inlinePolicies"] = policies.map((item) => {
      const document = parsed(item.policy) as { Statement: Json[] }
      change(document.Statement)
      return { ...item, policy: JSON.stringify(document) }
    })
  },
})

const drop = (scene: SceneName, name: string): Mutation => ({
  name: `${scene}: no ${name}`,
  make(scenes) {
    const result = scenes[scene]
    const found = find(scenes, scene, name)
    result.resources = result.resources.filter((item) => item !== found)
  },
})

const add = (scene: SceneName, type: string, name: string, inputs: Inputs = {}): Mutation => ({
  name: `${scene}: a ${type} more`,
  make: (scenes) =>
    void scenes[scene].resources.push({ urn: name, type, name, inputs, protect: false, retainOnDelete: false }),
})

interface Json {
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, unknown>>
}

/** Takes conditions away from every statement that allows `action`. */
const unconditional = (role: string, action: string, test: string, variable?: string) =>
  policy(role, `${action} without ${test} ${variable ?? ""}`, (statements) => {
    for (const { Action, Condition } of statements)
      if (Action.includes(action) && Condition?.[test]) {
        if (variable) delete Condition[test][variable]
        else delete Condition[test]
      }
  })

const widen = (role: string, action: string, resource: string) =>
  policy(role, `${action} on ${resource}`, (statements) => {
    for (const item of statements) if (item.Action.includes(action)) item.Resource = [resource]
  })

const also = (role: string, action: string, resource = "*") =>
  policy(
    role,
    `also ${action} on ${resource}`,
    (statements) => void statements.push({ Action: [action], Resource: [resource], Effect: "Allow" } as Json),
  )

const never = (role: string, action: string) =>
  policy(role, `never ${action}`, (statements) => {
    for (const item of statements) item.Action = item.Action.filter((name) => name !== action)
  })

const launcher = "LauncherQueueSubscriber"
const everyone = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
}

export const mutations: Mutation[] = [
  // What roles may do.
  also("Api", "s3:*"),
  also("Api", "*"),
  also("Api", "dynamodb:Scan", "arn:aws:dynamodb:us-east-1:123456789012:table/*"),
  also("Api", "iam:CreateRole", "arn:aws:iam::123456789012:role/*"),
  also("WorkerRole", "s3:GetObject", "arn:aws:s3:::any/*"),
  also("WorkerRole", "ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/*"),
  also("RealtimeAuthorizerHandler", "iot:*"),
  also("WebServer", "cloudfront:CreateInvalidation"),
  never("Api", "dynamodb:Query"),
  never("Api", "s3:ListBucket"),
  never("Api", "dynamodb:BatchWriteItem"),
  never("WebServer", "iot:Publish"),
  never(launcher, "sqs:DeleteMessage"),
  never(launcher, "ec2:CreateTags"),
  never("SweeperHandler", "ec2:TerminateInstances"),
  never("WorkerRole", "bedrock:InvokeModelWithResponseStream"),
  widen("Api", "iot:Publish", "*"),
  widen("Api", "iot:Publish", "arn:aws:iot:us-east-1:123456789012:topic/*"),
  widen("Api", "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:*"),
  widen("Api", "s3:GetObject", "arn:aws:s3:::*"),
  widen("WorkerRole", "bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"),
  widen("WorkerRole", "logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/remote-swe/production/*"),
  widen(launcher, "iam:PassRole", "arn:aws:iam::123456789012:role/*"),
  unconditional(launcher, "iam:PassRole", "StringEquals"),
  unconditional(launcher, "ec2:RunInstances", "ArnEquals", "ec2:LaunchTemplate"),
  unconditional(launcher, "ec2:RunInstances", "ArnEquals", "ec2:InstanceProfile"),
  unconditional(launcher, "ec2:RunInstances", "StringEquals", "ec2:InstanceType"),
  unconditional(launcher, "ec2:RunInstances", "StringEquals", "ec2:MetadataHttpTokens"),
  unconditional(launcher, "ec2:RunInstances", "StringEquals", "aws:RequestTag/sst:stage"),
  unconditional(launcher, "ec2:RunInstances", "Bool"),
  unconditional(launcher, "ec2:TerminateInstances", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional(launcher, "ec2:CreateTags", "StringEquals", "ec2:CreateAction"),
  put("production", "ApiRole", "assumeRolePolicy", everyone),
  put("small", "WorkerRole", "assumeRolePolicy", everyone),
  put("production", "WorkerRole", "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
  put("small", "ApiRole", "managedPolicyArns", ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]),
  put("production", "SweeperHandlerRole", "permissionsBoundary", undefined),
  put("production", "WorkerRole", "path", "/"),
  put("production", "SweeperPermission", "principal", "*"),
  put("production", "RealtimePermission", "sourceArn", undefined),

  // Data.
  put("production", "TableTable", "billingMode", "PROVISIONED"),
  put("production", "TableTable", "ttl.enabled", false),
  put("production", "TableTable", "ttl.attributeName", "ttl"),
  put("production", "TableTable", "pointInTimeRecovery.enabled", false),
  put("production", "TableTable", "deletionProtectionEnabled", false),
  put("production", "TableTable", "streamEnabled", false),
  put("production", "TableTable", "streamViewType", "KEYS_ONLY"),
  put("production", "TableTable", "globalSecondaryIndexes.0.hashKey", "pk"),
  put("production", "TableTable", "globalSecondaryIndexes.2", undefined),
  put("small", "TableTable", "rangeKey", undefined),
  put("small", "TableTable", "deletionProtectionEnabled", true),
  {
    name: "production: the table is deleted with the rest",
    make: (s) => void (find(s, "production", "TableTable").retainOnDelete = false),
  },
  {
    name: "production: the bucket is deleted with the rest",
    make: (s) => void (find(s, "production", "BucketBucket").retainOnDelete = false),
  },
  { name: "production: not protected", make: (s) => void (s.production.protect = false) },
  { name: "small: keeps what it has", make: (s) => void (s.small.removal = "retain") },
  put("production", "BucketPublicAccessBlock", "blockPublicAcls", false),
  put("production", "BucketPublicAccessBlock", "restrictPublicBuckets", false),
  put("production", "WebAssetsPublicAccessBlock", "blockPublicPolicy", false),
  drop("production", "WebAssetsPublicAccessBlock"),
  drop("production", "BucketPolicy"),
  put(
    "production",
    "BucketPolicy",
    "policy",
    JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }] }),
  ),
  put("production", "BucketVersioning", "versioningConfiguration.status", "Suspended"),
  put("production", "BucketLifecycle", "rules.0.expiration.days", 700),
  put("production", "BucketLifecycle", "rules.0.filter.prefix", "session/"),
  put("production", "BucketLifecycle", "rules.0.status", "Disabled"),
  put("production", "BucketLifecycle", "rules.1.noncurrentVersionExpiration", undefined),
  put("production", "BucketEncryption", "rules", []),
  put("production", "BucketCors", "corsRules.0.allowedOrigins", ["*"]),
  put("production", "LauncherQueueQueue", "sqsManagedSseEnabled", false),
  put("production", "LauncherQueueQueue", "redrivePolicy", "{}"),
  put("production", "LauncherDeadQueue", "messageRetentionSeconds", 60),
  put("production", "ApiFunction", "environment.variables.GITHUB_TOKEN", "a token"),
  put("production", "ApiFunction", "environment.variables.SST_RESOURCE_GithubToken", "a token"),

  // Doors.
  put("production", "RouterCdnDistribution", "webAclId", undefined),
  put("elsewhere", "RouterCdnDistribution", "webAclId", "arn:aws:wafv2:us-east-1:123456789012:another"),
  drop("production", "Firewall"),
  add("production", "aws:cloudfront/distribution:Distribution", "Another"),
  add("small", "aws:wafv2/webAcl:WebAcl", "Another"),
  put("production", "Firewall", "scope", "REGIONAL"),
  put("production", "Firewall", "rules.0.action", { count: {} }),
  put(
    "production",
    "Firewall",
    "rules.0.statement.notStatement.statements.0.orStatement.statements.1.byteMatchStatement.searchString",
    "/",
  ),
  put(
    "production",
    "Firewall",
    "rules.1.statement.notStatement.statements.0.orStatement.statements.1.byteMatchStatement.textTransformations",
    [{ priority: 0, type: "NONE" }],
  ),
  put(
    "production",
    "Firewall",
    "rules.1.statement.notStatement.statements.0.orStatement.statements.0.geoMatchStatement.countryCodes",
    ["JP", "DE", "US"],
  ),
  put("production", "Firewall", "rules.2.statement.rateBasedStatement.limit", 2_000_000),
  put("production", "Firewall", "rules.2.action", { count: {} }),
  put("production", "Firewall", "rules.3.overrideAction", { count: {} }),
  put(
    "production",
    "Firewall",
    "rules.3.statement.managedRuleGroupStatement.ruleActionOverrides.0.name",
    "CrossSiteScripting_QUERYARGUMENTS",
  ),
  put("production", "Firewall", "rules.4", undefined),
  put("production", "AllowedIPV6", "addresses", ["::/1"]),
  put("production", "ApiFunction", "handler", "handler.handler"),
  put("production", "WebServerUseast1Function", "handler", "index.handler"),
  put("production", "ApiFunction", "environment.variables.ORIGIN_KEY_HASH", undefined),
  add("production", "aws:lambda/functionUrl:FunctionUrl", "SweeperUrl"),
  put("production", "ApiUrl", "invokeMode", "BUFFERED"),
  put("production", "ApiUrl", "cors", { allowOrigins: ["*"] }),
  put("production", "RouterCdnDistribution", "defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
  put("production", "RouterCdnDistribution", "defaultCacheBehavior.responseHeadersPolicyId", undefined),
  put("production", "RouterServerCachePolicy", "defaultTtl", 60),
  put("production", "RouterCloudfrontFunctionRequest", "code", " ".repeat(10_241)),
  {
    name: "elsewhere: the firewall in another region",
    make: (s) =>
      void set(
        s.elsewhere.resources.find((item) => item.name === "FirewallRegion")?.inputs ?? {},
        ["region"],
        "eu-west-1",
      ),
  },
  put("production", "UsersUserPool", "adminCreateUserConfig.allowAdminCreateUserOnly", false),
  put("small", "UsersUserPool", "mfaConfiguration", "OFF"),
  put("production", "UsersUserPool", "passwordPolicy.minimumLength", 6),
  put("production", "UsersUserPool", "deletionProtection", "INACTIVE"),
  put("production", "WebClientClient", "allowedOauthFlows", ["implicit"]),
  put("production", "WebClientClient", "callbackUrls", ["https://example.com/auth/callback"]),
  put("production", "WebClientClient", "generateSecret", false),
  put("small", "WebClientClient", "logoutUrls", ["https://example.com/auth/out"]),
  drop("production", "InitialUser"),
  put("production", "InitialAdmin", "groupName", "member"),
  add("small", "aws:cognito/userInGroup:UserInGroup", "Somebody"),
  drop("small", "Members"),

  // Machines.
  put("production", "WorkerTemplate", "metadataOptions.httpTokens", "optional"),
  put("production", "WorkerTemplate", "metadataOptions.httpPutResponseHopLimit", 2),
  put("small", "WorkerTemplate", "metadataOptions", undefined),
  put("production", "WorkerTemplate", "blockDeviceMappings.0.ebs.encrypted", "false"),
  put("production", "WorkerTemplate", "blockDeviceMappings.0.ebs.deleteOnTermination", "false"),
  put("production", "WorkerTemplate", "instanceInitiatedShutdownBehavior", "stop"),
  put("production", "WorkerTemplate", "userData", "c2VjcmV0"),
  {
    name: "production: another role proves to be a worker",
    make: (s) =>
      void set(
        s.production.links["WorkerIdentity"] ?? {},
        ["assumedRole"],
        "arn:aws:sts::123456789012:assumed-role/Any",
      ),
  },
  {
    name: "production: the API believes no machine",
    make: (s) => {
      const api = s.production.functions.find((item) => item.id === "Api")
      if (api) api.links = api.links.filter((name) => name !== "WorkerIdentity")
    },
  },
  put("production", "WorkerTemplate", "instanceMarketOptions", { marketType: "spot" }),
  put("elsewhere", "WorkerTemplate", "instanceMarketOptions", undefined),
  put("elsewhere", "WorkerGroup", "vpcId", "vpc-other"),
  put("small", "WorkerTemplate", "tagSpecifications.1", undefined),
  put("production", "WorkerGroup", "ingress", [
    { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] },
  ]),
  add("production", "aws:ec2/securityGroupRule:SecurityGroupRule", "Ssh"),
  put("production", "NetworkDefaultGroup", "ingress", [{ protocol: "-1", self: true }]),
  add("small", "aws:ec2/natGateway:NatGateway", "Nat"),
  drop("production", "NetworkEndpointdynamodb"),
  add("dev", "aws:ec2/launchTemplate:LaunchTemplate", "WorkerTemplate"),
  { name: "dev: machines on EC2", make: (s) => void set(s.dev.links["Settings"] ?? {}, ["machine"], "ec2") },
  {
    name: "dev: no pane for workers",
    make: (s) => void (s.dev.resources = s.dev.resources.filter((item) => item.type !== "sst:sst:DevCommand")),
  },

  // Slack, and what is brought there and to browsers.
  drop("production", "SlackDeadLetters"),
  drop("production", "DeliverDeadLetters"),
  put("production", "SlackDeadLetters", "dimensions", { QueueName: "another" }),
  put("production", "SlackQueueQueue", "fifoQueue", false),
  put("production", "SlackQueueQueue", "visibilityTimeoutSeconds", 30),
  put("production", "SlackQueueQueue", "redrivePolicy", JSON.stringify({ maxReceiveCount: 5 })),
  put("production", "SlackQueueQueue", "sqsManagedSseEnabled", false),
  put("production", "DeliverDeadQueue", "messageRetentionSeconds", 60),
  put("production", "SlackUrl", "invokeMode", "RESPONSE_STREAM"),
  put("production", "SlackFunction", "environment", { variables: {} }),
  put(
    "production",
    "Firewall",
    "rules.0.statement.notStatement.statements.0.orStatement.statements.2.byteMatchStatement.positionalConstraint",
    "STARTS_WITH",
  ),
  put(
    "production",
    "Firewall",
    "rules.1.statement.notStatement.statements.0.orStatement.statements.2.byteMatchStatement.textTransformations",
    [{ priority: 0, type: "URL_DECODE" }],
  ),
  ...["functionResponseTypes", "destinationConfig", "filterCriteria", "maximumRetryAttempts"].map((field) =>
    put("production", "TableSubscriberDeliverEventSourceMapping", field, undefined),
  ),
  put("small", "TableSubscriberDeliverEventSourceMapping", "filterCriteria", undefined),
  drop("small", "DeliverDeadLetters"),
  {
    name: "small: no key for push services",
    make: (s) => void (s.small.resources = s.small.resources.filter((item) => item.name !== "PushKeyBytes")),
  },
  {
    name: "production: a short key for push services",
    make: (s) => s.production.resources.forEach((item) => item.name === "PushKeyBytes" && (item.inputs["length"] = 8)),
  },
  {
    name: "production: deliverers without the key for push services",
    make(s) {
      const fn = s.production.functions.find((item) => item.id.startsWith("TableSubscriberDeliver"))
      fn?.links.splice(fn.links.indexOf("PushKey"), 1)
    },
  },
  also("Slack", "dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/remote-swe"),
  also("SlackQueueSubscriber", "sqs:PurgeQueue", "*"),
  also("TableSubscriberDeliver", "s3:DeleteObject", "arn:aws:s3:::any/*"),
  never("TableSubscriberDeliver", "dynamodb:UpdateItem"),
  never("TableSubscriberDeliver", "sqs:SendMessage"),
  {
    name: "production: the door of Slack with the table",
    make: (s) => void s.production.functions.find((item) => item.id === "Slack")?.links.push("Table"),
  },
  {
    name: "dev: no connection to Slack",
    make: (s) => void (s.dev.resources = s.dev.resources.filter((item) => item.name !== "SlackSocket")),
  },
  add("small", "aws:sqs/queue:Queue", "SlackQueueQueue", { sqsManagedSseEnabled: true }),

  // Triggers.
  also(
    "SchedulerRole",
    "lambda:InvokeFunction",
    "arn:aws:lambda:us-east-1:123456789012:function:remote-swe-production-api",
  ),
  also("LauncherQueueSubscriber", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("SchedulerRole", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
  widen("SchedulerRole", "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:*"),
  widen("Api", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("TriggerRole", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("WebServer", "iam:PassRole", "arn:aws:iam::123456789012:role/*"),
  unconditional("Api", "iam:PassRole", "StringEquals"),
  never("SweeperHandler", "scheduler:UpdateSchedule"),
  never("TriggerRole", "scheduler:DeleteSchedule"),
  never("TriggerRole", "sqs:SendMessage"),
  never("SchedulerRole", "lambda:InvokeFunction"),
  put("production", "SchedulerRole", "assumeRolePolicy", {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "scheduler.amazonaws.com" } }],
  }),
  put("small", "SchedulerRole", "assumeRolePolicy", everyone),
  put("production", "TriggerGroup", "name", "remote-swe"),
  put("production", "TriggerFunction", "timeout", 60),
  put("production", "TriggerRetries", "maximumRetryAttempts", 0),
  put("production", "TriggerRetries", "destinationConfig", undefined),
  put("production", "TriggerDeadQueue", "messageRetentionSeconds", 60),
  put("production", "TriggerDeadQueue", "sqsManagedSseEnabled", false),
  drop("small", "TriggerDeadLetters"),
  add("dev", "aws:scheduler/scheduleGroup:ScheduleGroup", "TriggerGroup"),

  // Running it.
  { name: "small: an error", make: (s) => void s.small.errors.push("An error") },
  put("production", "ApiFunction", "runtime", "nodejs20.x"),
  put("production", "ApiFunction", "architectures", ["x86_64"]),
  put("production", "ApiLogGroup", "retentionInDays", 0),
  put("production", "SweeperHandlerLogGroup", "name", "/remote-swe/production/Api"),
  put("production", "LauncherQueueQueue", "visibilityTimeoutSeconds", 30),
  put("production", "SweeperRule", "scheduleExpression", "rate(1 day)"),
  {
    name: "production: the launcher answers for whole batches",
    make: (s) =>
      void set(one(s, "aws:lambda/eventSourceMapping:EventSourceMapping").inputs, ["functionResponseTypes"], []),
  },
  drop("production", "DeadLetters"),
  put("production", "DeadLetters", "alarmActions", []),
  put("production", "DeadLetters", "dimensions", { QueueName: "another" }),
  put("production", "SweeperSilent", "treatMissingData", "notBreaching"),
  put("production", "Errors", "metricQueries", []),
  put("production", "AlarmsMail", "endpoint", "nobody@example.com"),
  {
    name: "production: the API without the table",
    make: (s) => void s.production.functions.find((item) => item.id === "Api")?.links.splice(0, 1),
  },
  {
    name: "production: the authoriser with the table",
    make: (s) => void s.production.functions.find((item) => item.id.startsWith("Realtime"))?.links.push("Table"),
  },
]

function find(scenes: Scenes, scene: SceneName, name: string): Resource {
  const found = scenes[scene].resources.find((item) => item.name === name && item.type.startsWith("aws:"))
  if (!found) throw new Error(`There is no ${name} to change`)
  return found
}

function one(scenes: Scenes, type: string): Resource {
  const found = scenes.production.resources.find((item) => item.type === type)
  if (!found) throw new Error(`There is no ${type} to change`)
  return found
}

function set(target: Inputs, path: string[], value: unknown): void {
  const [key = "", ...rest] = path
  if (rest.length > 0) {
    const next = target[key]
    if (typeof next !== "object" || next === null) throw new Error(`There is no ${key} to change`)
    return set(next as Inputs, rest, value)
  }
  if (value !== undefined) target[key] = value
  else if (Array.isArray(target)) target.splice(Number(key), 1)
  else delete target[key]
}
