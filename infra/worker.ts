import { arn, globalArn, publicArn } from "./arn.ts"
import { base, equals, ours, tagged, tags } from "./base.ts"
import { resources } from "./bedrock.ts"
import { Config } from "./config.ts"
import { securityGroup, subnetIDs } from "./network.ts"
import { rolePath, workerLogGroup } from "./stage.ts"

/** The machine of a session, and what whoever starts one may do. `sst dev` has none. */

const { worker: options, model } = Config.use()

const logs = new aws.cloudwatch.LogGroup("WorkerLogs", {
  name: workerLogGroup,
  retentionInDays: 30,
})

const role = new aws.iam.Role("WorkerRole", {
  description: "Remote SWE workers: write their logs, call the chosen models",
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
  managedPolicyArns: options.policies.map((name: string) =>
    name.startsWith("arn:") ? name : aws.iam.getPolicyOutput({ name }).arn,
  ),
  inlinePolicies: [
    {
      name: "worker",
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
          ...(model.bedrock.length > 0
            ? [
                {
                  actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                  resources: model.bedrock.flatMap(resources),
                },
              ]
            : []),
        ],
      }).json,
    },
  ],
})

const profile = new aws.iam.InstanceProfile("WorkerProfile", { role: role.name, path: rolePath })

export const template = new aws.ec2.LaunchTemplate("WorkerTemplate", {
  updateDefaultVersion: true,
  imageId: base.id,
  instanceType: options.instanceTypes[0],
  iamInstanceProfile: { arn: profile.arn },
  vpcSecurityGroupIds: [securityGroup.id],
  instanceInitiatedShutdownBehavior: "terminate",
  // No token, no metadata; and none through a container's extra hop. Tags tell a machine of the pool whose it is.
  metadataOptions: {
    httpEndpoint: "enabled",
    httpTokens: "required",
    httpPutResponseHopLimit: 1,
    instanceMetadataTags: "enabled",
  },
  blockDeviceMappings: [
    {
      deviceName: base.rootDeviceName,
      ebs: { volumeSize: options.diskGB, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
    },
  ],
  tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
})

export const worker = new sst.Linkable("Worker", {
  properties: {
    templateID: template.id,
    templateVersion: template.latestVersion.apply(String),
    subnetIDs,
    instanceTypes: options.instanceTypes,
    logGroup: logs.name,
    spot: options.spot,
    spotFallback: options.spotFallback,
    sudo: options.sudo,
    poolSize: options.pool.size,
    poolState: options.pool.state,
  },
})

/** What a machine calls itself when it proves to the API what it is, less its instance id: roles' paths are left out. */
export const identity = new sst.Linkable("WorkerIdentity", {
  properties: { assumedRole: globalArn("sts", $interpolate`assumed-role/${role.name}`) },
})

const fromTemplate = { test: "ArnEquals", variable: "ec2:LaunchTemplate", values: [template.arn] }
const asked = tagged.map(({ name, value }) => equals(`aws:RequestTag/${name}`, [value]))
const created = ["instance/*", "volume/*", ...(options.spot ? ["spot-instances-request/*"] : [])]

/** Starts machines as the template has them, and ends machines of this stage. */
export const launching = [
  {
    actions: ["ec2:RunInstances"],
    resources: [arn("ec2", "instance/*")],
    conditions: [
      fromTemplate,
      ...asked,
      equals("ec2:InstanceType", options.instanceTypes),
      equals("ec2:MetadataHttpTokens", ["required"]),
      { test: "ArnEquals", variable: "ec2:InstanceProfile", values: [profile.arn] },
    ],
  },
  {
    actions: ["ec2:RunInstances"],
    resources: [arn("ec2", "volume/*")],
    conditions: [fromTemplate, ...asked, { test: "Bool", variable: "ec2:Encrypted", values: ["true"] }],
  },
  {
    actions: ["ec2:RunInstances"],
    resources: [
      template.arn,
      publicArn("ec2", $interpolate`image/${base.id}`),
      ...subnetIDs.map((id) => arn("ec2", $interpolate`subnet/${id}`)),
      arn("ec2", $interpolate`security-group/${securityGroup.id}`),
      arn("ec2", "network-interface/*"),
      ...(options.spot ? [arn("ec2", "spot-instances-request/*")] : []),
    ],
    conditions: [fromTemplate],
  },
  // Images that were made of our recipes.
  ...(options.imageID
    ? []
    : [
        {
          actions: ["ec2:RunInstances"],
          resources: [publicArn("ec2", "image/*")],
          conditions: [fromTemplate, ...ours],
        },
      ]),
  {
    actions: ["ec2:CreateTags"],
    resources: created.map((resource) => arn("ec2", resource)),
    conditions: [equals("ec2:CreateAction", ["RunInstances"]), ...asked],
  },
  {
    actions: ["ec2:TerminateInstances"],
    resources: [arn("ec2", "instance/*")],
    conditions: ours,
  },
  // EC2 knows no resources for descriptions.
  { actions: ["ec2:DescribeInstances", ...(options.imageID ? [] : ["ec2:DescribeImages"])], resources: ["*"] },
  {
    actions: ["iam:PassRole"],
    resources: [role.arn],
    conditions: [equals("iam:PassedToService", ["ec2.amazonaws.com"])],
  },
  ...(options.pool.size > 0 ? taking() : []),
]

/** Takes a machine from the pool: says whose it is, and nothing else of it, and has it go on. */
function taking() {
  const names = ["remote-swe:session", "remote-swe:generation"]
  return [
    {
      actions: ["ec2:CreateTags"],
      resources: [arn("ec2", "instance/*")],
      conditions: [...ours, { test: "ForAllValues:StringEquals", variable: "aws:TagKeys", values: names }],
    },
    { actions: ["ec2:StartInstances"], resources: [arn("ec2", "instance/*")], conditions: ours },
  ]
}

/** Stops machines of the pool that have prepared themselves. */
export const stopping =
  options.pool.size > 0 && options.pool.state === "stopped"
    ? [{ actions: ["ec2:StopInstances"], resources: [arn("ec2", "instance/*")], conditions: ours }]
    : []
