import { createHash } from "node:crypto"
import { accountId, arn, region } from "./arn.ts"
import { base, nameOf, tags } from "./base.ts"
import { Config } from "./config.ts"
import { securityGroup, subnetIDs } from "./network.ts"
import { programs } from "./program.ts"
import { removal } from "./remove.ts"
import { rolePath } from "./stage.ts"
import { bucket } from "./storage.ts"

/**
 * How images of machines are made: by EC2 Image Builder, from a Debian and the recipe (`worker-ami`). A deployment
 * says how and does not wait; the sweeper begins, when there is none of this recipe. Until then machines install
 * themselves. With `WORKER_IMAGE_ID` there is none of this.
 */

const { imageID: fixed, instanceTypes, architecture } = Config.use().worker
const { recipe } = programs
const version = "1.0.0"
/** Least that an image's disk has; a machine's is larger. */
const diskGB = 20

const builder = fixed ? undefined : create()

export const image = new sst.Linkable("WorkerImage", {
  properties: {
    base: base.id,
    architecture: architecture === "arm64" ? "arm64" : "x86_64",
    ...(fixed && { fixed }),
    ...(builder && { name: builder.name, pipelineARN: builder.pipeline.arn }),
  },
})

/** Sees to it that there is an image. */
export const building = builder
  ? [
      {
        actions: ["imagebuilder:ListImagePipelineImages", "imagebuilder:StartImagePipelineExecution"],
        resources: [builder.pipeline.arn],
      },
    ]
  : []

/** Image Builder runs its steps by Systems Manager, whose agent a Debian has not. It is gone from the image. */
function agent() {
  const file = $interpolate`https://s3.${region}.amazonaws.com/amazon-ssm-${region}/latest/debian_${architecture}/amazon-ssm-agent.deb`
  return $interpolate`#!/bin/bash
set -euo pipefail
cd "$(mktemp -d)"
curl -fsS --proto =https --retry 5 --retry-all-errors -o agent.deb ${file}
dpkg --install agent.deb
systemctl enable --now amazon-ssm-agent
`
}

/** What is done on the machine that becomes the image. */
function steps() {
  const archive = "/var/tmp/recipe.tar"
  const install = [
    "set -euo pipefail",
    "export HOME=/root DEBIAN_FRONTEND=noninteractive",
    "systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service || true",
    `sha256sum --check --status <<<"${recipe.sha256}  ${archive}"`,
    `tar --extract --file ${archive} --directory /var/tmp --no-same-owner`,
    "/var/tmp/worker-ami/install.sh",
    `rm -rf ${archive} /var/tmp/worker-ami /var/lib/apt/lists/*`,
    "apt-get clean",
    "truncate --size 0 /etc/machine-id",
  ]
  const works = ["set -euo pipefail", "test -x /usr/local/lib/remote-swe/boot.sh", "node --version", "nft --version"]
  const bash = (name: string, lines: string[], timeoutSeconds: number) => ({
    ...{ name, action: "ExecuteBash", onFailure: "Abort", maxAttempts: 1, timeoutSeconds },
    inputs: { commands: [lines.join("\n")] },
  })
  const fetch = {
    ...{ name: "fetch", action: "S3Download", onFailure: "Abort", maxAttempts: 3, timeoutSeconds: 300 },
    inputs: [
      {
        source: $interpolate`s3://${bucket.name}/${recipe.key}`,
        destination: archive,
        expectedBucketOwner: accountId,
      },
    ],
  }
  return $jsonStringify({
    name: "remote-swe-worker",
    schemaVersion: "1.0",
    phases: [
      { name: "build", steps: [fetch, bash("install", install, 3_600)] },
      { name: "validate", steps: [bash("works", works, 300)] },
    ],
  })
}

function create() {
  const [data, userData] = [steps(), agent()]
  const content = $util.all([data, userData, base.id]).apply((parts) => {
    const hash = createHash("sha256")
    for (const part of parts) hash.update(part).update("\0")
    return hash.digest("hex")
  })
  // What Image Builder knows by a name never changes. So another content has another name, also when it comes back.
  const digits = new random.RandomId("WorkerImageName", { byteLength: 4, keepers: { content } })
  const name = nameOf(digits.hex)
  // These two can change.
  const stable = `${$app.name}-${$app.stage}-worker`
  // Image Builder lets go of none of these as long as it knows an image that was made of them; the sweeper does.
  const kept = { retainOnDelete: true }

  const component = new aws.imagebuilder.Component("WorkerComponent", { name, version, platform: "Linux", data }, kept)
  const worker = new aws.imagebuilder.ImageRecipe(
    "WorkerRecipe",
    {
      ...{ name, version, parentImage: base.id, workingDirectory: "/var/tmp" },
      components: [{ componentArn: component.arn }],
      userDataBase64: userData.apply((text) => Buffer.from(text).toString("base64")),
      systemsManagerAgent: { uninstallAfterBuild: true },
      blockDeviceMappings: [
        {
          deviceName: base.rootDeviceName,
          ebs: { volumeSize: diskGB, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
        },
      ],
    },
    kept,
  )
  const amiTags = { ...tags, "remote-swe:recipe": recipe.sha256, "remote-swe:floor": String(recipe.floor) }
  const distribution = new aws.imagebuilder.DistributionConfiguration(
    "WorkerDistribution",
    {
      name,
      distributions: [
        { region, amiDistributionConfiguration: { name: $interpolate`${name} {{ imagebuilder:buildDate }}`, amiTags } },
      ],
    },
    kept,
  )
  // Image Builder would make the group by itself, and nobody would remove it.
  const logs = new aws.cloudwatch.LogGroup("WorkerImageLogs", {
    name: $interpolate`/aws/imagebuilder/${name}`,
    retentionInDays: 30,
  })
  const place = new aws.imagebuilder.InfrastructureConfiguration("WorkerImagePlace", {
    name: stable,
    instanceProfileName: profile(component.arn, logs.arn).name,
    instanceTypes,
    subnetId: subnetIDs[0],
    securityGroupIds: [securityGroup.id],
    instanceMetadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    resourceTags: tags,
    terminateInstanceOnFailure: true,
  })
  const pipeline = new aws.imagebuilder.ImagePipeline(
    "WorkerPipeline",
    {
      name: stable,
      imageRecipeArn: worker.arn,
      distributionConfigurationArn: distribution.arn,
      infrastructureConfigurationArn: place.arn,
      enhancedImageMetadataEnabled: false,
      // A test would start another machine; what there is to see is seen before the image is made.
      imageTestsConfiguration: { imageTestsEnabled: false },
    },
    // It goes first, as whatever starts machines.
    { dependsOn: removal },
  )
  return { name, pipeline }
}

/** Of the machine that becomes the image: what Image Builder's steps and Systems Manager's agent ask for. */
function profile(componentARN: $util.Input<string>, logsARN: $util.Input<string>) {
  const role = new aws.iam.Role("ImageRole", {
    description: "Remote SWE images: the machine on which one is made",
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
    inlinePolicies: [
      {
        name: "image",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["imagebuilder:GetComponent"], resources: [componentARN] },
            { actions: ["s3:GetObject"], resources: [$interpolate`${bucket.arn}/${recipe.key}`] },
            // Image Builder's own program.
            { actions: ["s3:GetObject"], resources: ["arn:aws:s3:::ec2imagebuilder*/*"] },
            { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logsARN}:*`] },
            {
              actions: ["ssm:UpdateInstanceInformation", "ssm:ListInstanceAssociations"],
              resources: [arn("ec2", "instance/*")],
            },
            {
              actions: [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
              ],
              resources: ["*"],
            },
          ],
        }).json,
      },
    ],
  })
  return new aws.iam.InstanceProfile("ImageProfile", { role: role.name, path: rolePath })
}
