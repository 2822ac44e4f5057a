import { runSimulation } from "@cloud-copilot/iam-simulate"
import { account } from "../harness/aws.ts"
import type { Resource, Result } from "../harness/result.ts"
import { made } from "./made.ts"
import { type Check, documents, list, roleOf } from "./see.ts"

/** One call of AWS, as its policies are asked about it. */
export interface Call {
  role: string
  action: string
  resource: string
  context?: Record<string, string | string[]>
}

/** What each role must be able to do, and what it must not, in production. */
export function calls(result: Result) {
  const table = `arn:aws:dynamodb:us-east-1:${account}:table/${result.links["Table"]?.["name"]}`
  const bucket = `arn:aws:s3:::${result.links["Bucket"]?.["name"]}`
  const sqs = (name: string) =>
    `arn:aws:sqs:us-east-1:${account}:${String(result.links[name]?.["url"]).split("/").at(-1)}`
  const topic = (name: string) => `arn:aws:iot:us-east-1:${account}:topic/${name}`
  const ec2 = (name: string) => `arn:aws:ec2:us-east-1:${account}:${name}`
  const template = ec2(`launch-template/${result.links["Worker"]?.["templateID"]}`)
  const [subnet] = list(result.links["Worker"]?.["subnetIDs"])
  const image = "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"
  const passed = `arn:aws:iam::${account}:role/remote-swe/WorkerRole`
  const profile = `arn:aws:iam::${account}:instance-profile/remote-swe/WorkerProfile`
  const stage = { "aws:RequestTag/sst:app": "remote-swe", "aws:RequestTag/sst:stage": "production" }
  const ours = { "ec2:LaunchTemplate": template }
  const machine = {
    ...ours,
    ...stage,
    "ec2:InstanceType": "t3.large",
    "ec2:MetadataHttpTokens": "required",
    "ec2:InstanceProfile": profile,
  }
  const disk = { ...ours, ...stage, "ec2:Encrypted": "true" }
  const tagged = (name: string) => ({ "aws:ResourceTag/sst:app": "remote-swe", "aws:ResourceTag/sst:stage": name })
  const model = "anthropic.claude-opus-5-5"
  const group = (name: string) => `arn:aws:logs:us-east-1:${account}:log-group:/remote-swe/production/${name}`

  const schedule = (name: string) => `arn:aws:scheduler:us-east-1:${account}:schedule/${name}/trg_1`
  const scheduling = { "iam:PassedToService": "scheduler.amazonaws.com" }
  const ringing = `arn:aws:iam::${account}:role/remote-swe/SchedulerRole`
  const rung = `arn:aws:lambda:us-east-1:${account}:function:remote-swe-production-trigger`

  const deadTriggers = String(result.links["Scheduler"]?.["deadLetterARN"])

  const everyday = ["Api", "WebServer", "LauncherQueueSubscriber", "SweeperHandler", "TriggerRole"].flatMap(
    (role): Call[] => [
      ...["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"].map((name) => ({
        role,
        action: `dynamodb:${name}`,
        resource: table,
      })),
      { role, action: "dynamodb:Query", resource: `${table}/index/gsi1` },
      { role, action: "s3:GetObject", resource: `${bucket}/session/ses_1/blob/1` },
      { role, action: "s3:PutObject", resource: `${bucket}/session/ses_1/file/1` },
      { role, action: "s3:ListBucket", resource: bucket },
      { role, action: "iot:Publish", resource: topic("remote-swe/production/session/ses_1/events") },
      { role, action: "sqs:SendMessage", resource: sqs("LauncherQueue") },
    ],
  )
  const removal = ["Api", "WebServer", "SweeperHandler"].flatMap((role): Call[] => [
    { role, action: "dynamodb:BatchWriteItem", resource: table },
    { role, action: "s3:DeleteObject", resource: `${bucket}/session/ses_1/blob/1` },
  ])
  const launch = ["LauncherQueueSubscriber", "SweeperHandler"].flatMap((role): Call[] => [
    { role, action: "ec2:RunInstances", resource: ec2("instance/i-1"), context: machine },
    { role, action: "ec2:RunInstances", resource: ec2("volume/vol-1"), context: disk },
    ...[template, image, ec2(`subnet/${subnet}`), ec2("network-interface/eni-1")].map((resource) => ({
      role,
      action: "ec2:RunInstances",
      resource,
      context: ours,
    })),
    {
      role,
      action: "ec2:CreateTags",
      resource: ec2("instance/i-1"),
      context: { "ec2:CreateAction": "RunInstances", ...stage },
    },
    { role, action: "ec2:TerminateInstances", resource: ec2("instance/i-1"), context: tagged("production") },
    { role, action: "ec2:DescribeInstances", resource: "*" },
    { role, action: "iam:PassRole", resource: passed, context: { "iam:PassedToService": "ec2.amazonaws.com" } },
  ])

  const timing = ["Api", "WebServer", "SweeperHandler", "TriggerRole"].flatMap((role): Call[] => [
    ...["CreateSchedule", "UpdateSchedule", "DeleteSchedule"].map((name) => ({
      role,
      action: `scheduler:${name}`,
      resource: schedule("remote-swe-production"),
    })),
    { role, action: "iam:PassRole", resource: ringing, context: scheduling },
  ])

  const others = made(result)
  const allowed: Call[] = [
    ...others.allowed,
    ...everyday,
    ...removal,
    ...launch,
    ...timing,
    { role: "SchedulerRole", action: "lambda:InvokeFunction", resource: rung },
    { role: "SchedulerRole", action: "sqs:SendMessage", resource: deadTriggers },
    { role: "TriggerRole", action: "sqs:SendMessage", resource: deadTriggers },
    { role: "Api", action: "s3:PutObject", resource: `${bucket}/upload/fil_1` },
    { role: "LauncherQueueSubscriber", action: "sqs:ReceiveMessage", resource: sqs("LauncherQueue") },
    { role: "LauncherQueueSubscriber", action: "sqs:DeleteMessage", resource: sqs("LauncherQueue") },
    ...["Api", "RealtimeAuthorizerHandler", "SweeperHandler"].map((role) => ({
      role,
      action: "logs:PutLogEvents",
      resource: `${group(role)}:log-stream:1`,
    })),
    { role: "WorkerRole", action: "logs:PutLogEvents", resource: `${group("worker")}:log-stream:1` },
    ...["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"].flatMap((action) => [
      { role: "WorkerRole", action, resource: `arn:aws:bedrock:eu-west-1::foundation-model/${model}` },
      {
        role: "WorkerRole",
        action,
        resource: `arn:aws:bedrock:us-east-1:${account}:inference-profile/global.${model}`,
      },
    ]),
  ]

  const without = (context: Record<string, string>, name: string) =>
    Object.fromEntries(Object.entries(context).filter(([key]) => key !== name))
  const L = "LauncherQueueSubscriber"
  const denied: Call[] = [
    ...others.denied,
    // Another template, none, another machine, another role, another stage, no metadata token.
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: { ...machine, "ec2:LaunchTemplate": ec2("launch-template/lt-0") },
    },
    ...Object.keys(machine).map((name) => ({
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: without(machine, name),
    })),
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: { ...machine, "ec2:InstanceType": "p5.48xlarge" },
    },
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: { ...machine, "ec2:InstanceProfile": `arn:aws:iam::${account}:instance-profile/Admin` },
    },
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: { ...machine, "aws:RequestTag/sst:stage": "ann" },
    },
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("instance/i-1"),
      context: { ...machine, "ec2:MetadataHttpTokens": "optional" },
    },
    {
      role: L,
      action: "ec2:RunInstances",
      resource: ec2("volume/vol-1"),
      context: { ...disk, "ec2:Encrypted": "false" },
    },
    {
      role: L,
      action: "ec2:RunInstances",
      resource: "arn:aws:ec2:us-east-1::image/ami-00000000000000009",
      context: ours,
    },
    { role: L, action: "ec2:RunInstances", resource: ec2("subnet/subnet-00000000000000009"), context: ours },
    { role: L, action: "ec2:RunInstances", resource: ec2("security-group/sg-00000000000000009"), context: ours },
    // Machines of others, and tags that would make them ours.
    { role: L, action: "ec2:TerminateInstances", resource: ec2("instance/i-1"), context: tagged("ann") },
    { role: L, action: "ec2:TerminateInstances", resource: ec2("instance/i-1") },
    { role: L, action: "ec2:CreateTags", resource: ec2("instance/i-1"), context: stage },
    {
      role: L,
      action: "ec2:CreateTags",
      resource: ec2("instance/i-1"),
      context: { "ec2:CreateAction": "RunInstances", ...stage, "aws:RequestTag/sst:stage": "ann" },
    },
    { role: L, action: "ec2:StopInstances", resource: ec2("instance/i-1"), context: tagged("production") },
    { role: L, action: "iam:PassRole", resource: passed, context: { "iam:PassedToService": "lambda.amazonaws.com" } },
    {
      role: L,
      action: "iam:PassRole",
      resource: `arn:aws:iam::${account}:role/Admin`,
      context: { "iam:PassedToService": "ec2.amazonaws.com" },
    },
    { role: L, action: "s3:DeleteObject", resource: `${bucket}/session/ses_1/blob/1` },
    { role: L, action: "dynamodb:BatchWriteItem", resource: table },
    // Schedules of others, of no group, and with a role or for a service that is not theirs.
    ...["Api", "WebServer", "SweeperHandler", "TriggerRole"].flatMap((role) => [
      { role, action: "scheduler:CreateSchedule", resource: schedule("remote-swe-ann") },
      { role, action: "scheduler:CreateSchedule", resource: schedule("default") },
      { role, action: "scheduler:UpdateSchedule", resource: schedule("remote-swe-production-2") },
      { role, action: "scheduler:ListSchedules", resource: "*" },
      { role, action: "iam:PassRole", resource: ringing, context: { "iam:PassedToService": "lambda.amazonaws.com" } },
      { role, action: "iam:PassRole", resource: passed, context: scheduling },
      { role, action: "iam:PassRole", resource: `arn:aws:iam::${account}:role/Admin`, context: scheduling },
      { role, action: "lambda:InvokeFunction", resource: rung },
    ]),
    { role: "SchedulerRole", action: "lambda:InvokeFunction", resource: rung.replace("-trigger", "-api") },
    { role: "SchedulerRole", action: "lambda:InvokeFunction", resource: rung.replace("production", "ann") },
    { role: "SchedulerRole", action: "sqs:SendMessage", resource: sqs("LauncherQueue") },
    { role: "SchedulerRole", action: "dynamodb:GetItem", resource: table },
    ...["Api", "WebServer", "SweeperHandler"].map((role) => ({
      role,
      action: "sqs:SendMessage",
      resource: deadTriggers,
    })),
    ...[L, "WorkerRole", "RealtimeAuthorizerHandler", "SchedulerRole"].flatMap((role) => [
      { role, action: "scheduler:CreateSchedule", resource: schedule("remote-swe-production") },
      { role, action: "iam:PassRole", resource: ringing, context: scheduling },
    ]),
    // Only the launcher and the sweeper know machines, and nobody makes roles.
    ...["Api", "WebServer", "RealtimeAuthorizerHandler", "WorkerRole", "TriggerRole"].flatMap((role) => [
      { role, action: "ec2:RunInstances", resource: ec2("instance/i-1"), context: machine },
      { role, action: "ec2:TerminateInstances", resource: ec2("instance/i-1"), context: tagged("production") },
      { role, action: "iam:PassRole", resource: passed, context: { "iam:PassedToService": "ec2.amazonaws.com" } },
    ]),
    ...[
      ...["Api", "WebServer", L, "SweeperHandler", "RealtimeAuthorizerHandler", "WorkerRole"],
      ...["TriggerRole", "SchedulerRole", "RemoverRole", "ImageRole"],
    ].flatMap((role) => [
      { role, action: "iam:CreateRole", resource: `arn:aws:iam::${account}:role/X` },
      { role, action: "sts:AssumeRole", resource: passed },
      { role, action: "dynamodb:DeleteTable", resource: table },
      { role, action: "dynamodb:Scan", resource: table },
      { role, action: "s3:DeleteBucket", resource: bucket },
      { role, action: "s3:DeleteObjectVersion", resource: `${bucket}/session/ses_1/blob/1` },
      { role, action: "s3:PutBucketPolicy", resource: bucket },
      { role, action: "s3:GetObject", resource: "arn:aws:s3:::another-bucket/session/1" },
      { role, action: "iot:Publish", resource: topic("remote-swe/ann/session/ses_1/events") },
      { role, action: "iot:Publish", resource: topic("another/production/x") },
      { role, action: "sqs:SendMessage", resource: sqs("LauncherDead") },
      { role, action: "sqs:PurgeQueue", resource: sqs("LauncherQueue") },
      { role, action: "ssm:GetParameter", resource: `arn:aws:ssm:us-east-1:${account}:parameter/sst/passphrase` },
      {
        role,
        action: "logs:PutLogEvents",
        resource: `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/x:log-stream:1`,
      },
    ]),
    ...["s3:GetObject", "s3:PutObject"].map((action) => ({
      role: "WorkerRole",
      action,
      resource: `${bucket}/session/ses_1/blob/1`,
    })),
    ...["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"].flatMap((action) => [
      { role: "WorkerRole", action, resource: table },
      { role: "RealtimeAuthorizerHandler", action, resource: table },
    ]),
    { role: "WorkerRole", action: "iot:Publish", resource: topic("remote-swe/production/session/ses_1/events") },
    { role: "WorkerRole", action: "sqs:SendMessage", resource: sqs("LauncherQueue") },
    { role: "WorkerRole", action: "logs:PutLogEvents", resource: `${group("Api")}:log-stream:1` },
    { role: "WorkerRole", action: "logs:GetLogEvents", resource: `${group("worker")}:log-stream:1` },
    {
      role: "WorkerRole",
      action: "bedrock:InvokeModel",
      resource: "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0",
    },
    { role: "WorkerRole", action: "ec2:DescribeInstances", resource: "*" },
    {
      role: "RealtimeAuthorizerHandler",
      action: "iot:AttachPolicy",
      resource: `arn:aws:iot:us-east-1:${account}:cert/1`,
    },
    {
      role: "WebServer",
      action: "cloudfront:CreateInvalidation",
      resource: `arn:aws:cloudfront::${account}:distribution/E1`,
    },
    { role: "Api", action: "sqs:ReceiveMessage", resource: sqs("LauncherQueue") },
  ]
  return { allowed, denied }
}

export const call: Check[] = [
  {
    name: "IAM allows what each role has to do",
    async run({ production }, see) {
      for (const item of calls(production).allowed) {
        const answer = await ask(roleOf(production, item.role), item)
        see.holds(answer === "Allowed", `${describe(item)}: ${answer}`)
      }
    },
  },
  {
    name: "IAM refuses what no role may do",
    async run({ production }, see) {
      for (const item of calls(production).denied) {
        const answer = await ask(roleOf(production, item.role), item)
        see.holds(/^(Implicitly|Explicitly)Denied$/.test(answer), `${describe(item)}: ${answer}`)
      }
    },
  },
]

const describe = ({ role, action, resource, context }: Call) =>
  `${role} ${action} ${resource}${context ? ` ${JSON.stringify(context)}` : ""}`

async function ask(role: Resource, item: Call) {
  return simulate(`arn:aws:iam::${account}:role/${role.name}`, documents(role), item)
}

/** An evaluation takes a while, and the same question has the same answer. */
const answers = new Map<string, Promise<string>>()

/** What IAM's evaluation says of one call; what is wrong with the question, where that is the matter. */
export function simulate(principal: string, policies: object[], question: Omit<Call, "role">, boundary?: object) {
  const key = JSON.stringify([principal, policies, question, boundary])
  const answer = answers.get(key) ?? run(principal, policies, question, boundary)
  answers.set(key, answer)
  return answer
}

async function run(
  principal: string,
  policies: object[],
  { action, resource, context = {} }: Omit<Call, "role">,
  boundary?: object,
) {
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: policies.map((policy, index) => ({ name: String(index), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(boundary && { permissionBoundaryPolicies: [{ name: "boundary", policy: boundary }] }),
    },
    { simulationMode: "Strict" },
  )
  if (answer.resultType === "error") return `The policy is not valid: ${JSON.stringify(answer.errors)}`
  const ignored = answer.resultType === "single" ? (answer.result.ignoredContextKeys ?? []) : []
  if (ignored.length > 0) return `IAM does not know ${ignored.join(", ")} for ${action}`
  return answer.overallResult
}
