import { arn, publicArn } from "./arn.ts"
import { built, ours } from "./base.ts"
import { network } from "./network.ts"
import { template } from "./worker.ts"

/**
 * What was made at run time stands in no state: machines, images, and what is left of both. When the stage is
 * removed, a function takes them away and waits until they are gone, as a network with a machine in it cannot be
 * deleted. Whatever starts machines depends on this, so that it is gone by then; this depends on what machines need,
 * which goes afterwards.
 */

/** Takes away images and what is left of them, and disks that no machine has. */
export const discarding = [
  { actions: ["ec2:DescribeImages", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"], resources: ["*"] },
  { actions: ["ec2:DeregisterImage"], resources: [publicArn("ec2", "image/*")], conditions: ours },
  { actions: ["ec2:DeleteVolume"], resources: [arn("ec2", "volume/*")], conditions: ours },
  { actions: ["ec2:DeleteSnapshot"], resources: [publicArn("ec2", "snapshot/*")], conditions: ours },
  {
    // Which of our tags Image Builder puts on an image's snapshots is not documented; its own it does.
    actions: ["ec2:DeleteSnapshot"],
    resources: [publicArn("ec2", "snapshot/*")],
    conditions: [{ test: "StringLike", variable: "aws:ResourceTag/Ec2ImageBuilderArn", values: [built("image")] }],
  },
  {
    actions: [
      "imagebuilder:ListImages",
      "imagebuilder:ListImageRecipes",
      "imagebuilder:ListComponents",
      "imagebuilder:ListDistributionConfigurations",
    ],
    resources: ["*"],
  },
  {
    actions: [
      "imagebuilder:ListImageBuildVersions",
      "imagebuilder:DeleteImage",
      "imagebuilder:DeleteImageRecipe",
      "imagebuilder:DeleteComponent",
      "imagebuilder:DeleteDistributionConfiguration",
    ],
    resources: [built("image"), built("image-recipe"), built("component"), built("distribution-configuration", "")],
  },
]

const remover = new sst.aws.Function("Remover", {
  handler: "packages/functions/src/remove/handler.handler",
  timeout: "15 minutes",
  memory: "512 MB",
  permissions: [
    { actions: ["ec2:TerminateInstances"], resources: [arn("ec2", "instance/*")], conditions: ours },
    { actions: ["ec2:DescribeInstances"], resources: ["*"] },
    { actions: ["imagebuilder:CancelImageCreation"], resources: [built("image")] },
    ...discarding,
  ],
})

/** Of these, called for each change (`CRUD`), the function heeds only the last. */
export const removal = new aws.lambda.Invocation(
  "Removal",
  { functionName: remover.name, input: JSON.stringify({}), lifecycleScope: "CRUD" },
  { dependsOn: [template, ...network] },
)
