/** What AWS would answer: names in the form of each service, because SST takes several of them apart. */

export const account = "123456789012"

export interface Registration {
  type: string
  name: string
  inputs: Record<string, unknown>
}

/** The state of a resource after it was made. */
export function made({ type, name, inputs }: Registration, region: string) {
  const called = String(inputs["name"] ?? name)
  return { name: called, ...inputs, arn: arn(type, called, inputs, region), ...more(type, called, inputs, region) }
}

const services: Record<string, string> = {
  "aws:lambda/function:Function": "function:",
  "aws:dynamodb/table:Table": "table/",
  "aws:cloudwatch/logGroup:LogGroup": "log-group:",
  "aws:cloudwatch/eventRule:EventRule": "rule/",
  "aws:iot/authorizer:Authorizer": "authorizer/",
  "aws:ec2/launchTemplate:LaunchTemplate": "launch-template/",
  "aws:cognito/userPool:UserPool": "userpool/",
  "aws:scheduler/scheduleGroup:ScheduleGroup": "schedule-group/",
  "aws:imagebuilder/imagePipeline:ImagePipeline": "image-pipeline/",
  "aws:imagebuilder/component:Component": "component/",
  "aws:imagebuilder/imageRecipe:ImageRecipe": "image-recipe/",
  "aws:imagebuilder/distributionConfiguration:DistributionConfiguration": "distribution-configuration/",
  "aws:imagebuilder/infrastructureConfiguration:InfrastructureConfiguration": "infrastructure-configuration/",
}
const renamed: Record<string, string> = { logGroup: "logs", eventRule: "events", cognito: "cognito-idp" }

function arn(type: string, name: string, inputs: Registration["inputs"], region: string) {
  const [, module = "", kind = ""] = /^\w+:(\w+)\/(\w+):/.exec(type) ?? []
  if (module === "s3") return `arn:aws:s3:::${String(inputs["bucket"] ?? name)}`
  if (module === "iam") return `arn:aws:iam::${account}:${dashed(kind)}${String(inputs["path"] ?? "/")}${name}`
  if (module === "cloudfront") return `arn:aws:cloudfront::${account}:${dashed(kind)}/${name}`
  const service = renamed[kind] ?? renamed[module] ?? module
  // An id, where names are the person's; or a version besides.
  const own =
    kind === "launchTemplate"
      ? id(type, name)
      : `${name}${{ component: "/1.0.0/1", imageRecipe: "/1.0.0" }[kind] ?? ""}`
  return `arn:aws:${service}:${region}:${account}:${services[type] ?? ""}${own}`
}

/** EC2's ids have a form that policies and calls depend on. */
export function id(type: string, name: string) {
  const prefix = { launchTemplate: "lt", subnet: "subnet", securityGroup: "sg", vpc: "vpc" }[
    /^aws:ec2\/(\w+):/.exec(type)?.[1] ?? ""
  ]
  return prefix ? `${prefix}-${Buffer.from(name).toString("hex").slice(-17).padStart(17, "0")}` : `${name}-id`
}

const dashed = (kind: string) => kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function more(type: string, name: string, inputs: Registration["inputs"], region: string) {
  switch (type) {
    case "aws:s3/bucketV2:BucketV2":
      return { bucketRegionalDomainName: `${String(inputs["bucket"])}.s3.${region}.amazonaws.com` }
    case "aws:sqs/queue:Queue":
      return { url: `https://sqs.${region}.amazonaws.com/${account}/${name}` }
    case "aws:lambda/functionUrl:FunctionUrl":
      return { functionUrl: `https://${name.toLowerCase()}.lambda-url.${region}.on.aws/` }
    case "aws:dynamodb/table:Table":
      return { streamArn: `arn:aws:dynamodb:${region}:${account}:table/${name}/stream/1` }
    case "aws:cloudfront/distribution:Distribution":
      return { domainName: `${name.toLowerCase()}.cloudfront.net`, hostedZoneId: "Z2FDTNDATAQYW2" }
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { latestVersion: 1 }
    case "aws:cognito/userPoolClient:UserPoolClient":
      return { clientSecret: "a client secret" }
    case "aws:cloudcontrol/resource:Resource":
      return { properties: inputs["desiredState"] }
    case "aws:s3/bucketObjectv2:BucketObjectv2":
      return { versionId: `version of ${name}` }
    case "random:index/randomId:RandomId":
      return { hex: Buffer.alloc(Number(inputs["byteLength"]), name).toString("hex") }
    case "random:index/randomBytes:RandomBytes":
      return { hex: Buffer.alloc(48, name).toString("hex"), base64: Buffer.alloc(32, name).toString("base64") }
    default:
      return {}
  }
}

/** Pulumi's questions to AWS. An unknown one throws, so that a new one shows at once. */
export function ask(token: string, inputs: Record<string, unknown>, region: string) {
  switch (token) {
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", dnsSuffix: "amazonaws.com", id: "aws" }
    case "aws:index/getRegion:getRegion":
      return { name: region, id: region, description: region }
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: account, arn: `arn:aws:iam::${account}:user/test`, userId: "AIDTEST" }
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { names: [`${region}a`, `${region}b`, `${region}c`] }
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return document(inputs as unknown as Document)
    case "aws:iam/getPolicy:getPolicy":
      return { arn: `arn:aws:iam::${account}:policy/${String(inputs["name"])}` }
    case "aws:iot/getEndpoint:getEndpoint":
      return { endpointAddress: `test-ats.iot.${region}.amazonaws.com` }
    case "aws:ssm/getParameter:getParameter":
      return { value: "ami-0123456789abcdef0", type: "String" }
    case "aws:ec2/getAmi:getAmi": {
      const [filter] = inputs["filters"] as { values: string[] }[]
      return { id: filter?.values[0], rootDeviceName: "/dev/xvda" }
    }
    default:
      throw new Error(`Nobody told the harness what AWS answers to ${token} ${JSON.stringify(inputs)}`)
  }
}

interface Document {
  statements?: {
    sid?: string
    effect?: string
    actions?: string[]
    resources?: string[]
    principals?: { type: string; identifiers: string[] }[]
    conditions?: { test: string; variable: string; values: string[] }[]
  }[]
}

/** As the provider's own data source writes it. */
function document({ statements = [] }: Document) {
  const Statement = statements.map(({ sid, effect, actions, resources, principals, conditions }) => ({
    ...(sid && { Sid: sid }),
    Effect: effect ?? "Allow",
    ...(principals && { Principal: principal(principals) }),
    ...(actions && { Action: actions }),
    ...(resources && { Resource: resources }),
    ...(conditions?.length && { Condition: condition(conditions) }),
  }))
  const json = JSON.stringify({ Version: "2012-10-17", Statement })
  return { id: "document", json, minifiedJson: json, statements: statements.length > 0 ? statements : undefined }
}

function principal(list: { type: string; identifiers: string[] }[]) {
  if (list.some((item) => item.type === "*")) return "*"
  return Object.fromEntries(list.map((item) => [item.type, item.identifiers]))
}

function condition(list: { test: string; variable: string; values: string[] }[]) {
  const out: Record<string, Record<string, string[]>> = {}
  for (const { test, variable, values } of list) out[test] = { ...out[test], [variable]: values }
  return out
}
