import { parsed } from "../check/see.ts"
import type { Inputs } from "../harness/result.ts"
import { type Mutation, add, also, drop, find, launcher, never, put, set, unconditional, widen } from "./make.ts"

/** Changes what Image Builder is told to do. */
const steps = (what: string, change: (text: string) => string): Mutation => ({
  name: `production: an image ${what}`,
  make(scenes) {
    const component = find(scenes, "production", "WorkerComponent")
    component.inputs["data"] = change(String(component.inputs["data"]))
  },
})

const link = (name: string, field: string, value: unknown): Mutation => ({
  name: `production: ${name}.${field} = ${JSON.stringify(value)}`,
  make: (scenes) => void set(scenes.production.links[name] ?? {}, [field], value),
})

const independent = (name: string): Mutation => ({
  name: `production: ${name} knows nothing of the removal`,
  make(scenes) {
    for (const item of scenes.production.resources)
      if (item.name.startsWith(name)) item.dependencies = item.dependencies.filter((urn) => !urn.endsWith("::Removal"))
  },
})

/** Images, and what is taken away. */
export const image: Mutation[] = [
  put("production", "WorkerBundle", "key", "program/bundle.tar.gz"),
  put("small", "WorkerRecipeArchive", "bucket", "another"),
  link("WorkerProgram", "bundleSha256", "0".repeat(64)),
  link("WorkerProgram", "recipeVersion", ""),
  {
    name: "production: programs before versions",
    make: (s) => void (find(s, "production", "WorkerBundle").dependencies = []),
  },
  steps("from any recipe", (text) => text.replace("sha256sum --check --status", "true")),
  steps("that failed", (text) => text.replace("set -euo pipefail", "true")),
  steps("from another's bucket", (text) => text.replace("s3://", "s3://x")),
  steps("that nobody looked at", (text) =>
    JSON.stringify({ ...parsed(text), phases: (parsed(text)["phases"] as Inputs[]).slice(0, 1) }),
  ),
  put("production", "WorkerRecipe", "blockDeviceMappings.0.ebs.encrypted", "false"),
  put("production", "WorkerRecipe", "systemsManagerAgent", undefined),
  put("production", "WorkerRecipe", "parentImage", "ami-00000000000000009"),
  put("production", "WorkerRecipe", "userDataBase64", ""),
  put("small", "WorkerRecipe", "name", "worker"),
  put("production", "WorkerDistribution", "distributions.0.amiDistributionConfiguration.amiTags", {}),
  put("production", "WorkerDistribution", "distributions.0.amiDistributionConfiguration.launchPermission", {
    userGroups: ["all"],
  }),
  put("production", "WorkerImagePlace", "instanceMetadataOptions.httpTokens", "optional"),
  put("production", "WorkerImagePlace", "terminateInstanceOnFailure", false),
  put("production", "WorkerImagePlace", "instanceProfileName", "WorkerProfile"),
  put("production", "WorkerImagePlace", "resourceTags", undefined),
  put("production", "WorkerImagePlace", "keyPair", "mine"),
  put("production", "WorkerPipeline", "schedule", { scheduleExpression: "rate(1 day)" }),
  add("production", "aws:imagebuilder/image:Image", "WorkerImage"),
  add("elsewhere", "aws:imagebuilder/imagePipeline:ImagePipeline", "WorkerPipeline"),
  {
    name: "small: a recipe that goes while images need it",
    make: (s) => void (find(s, "small", "WorkerRecipe").retainOnDelete = false),
  },
  put("production", "WorkerImageLogs", "name", "/remote-swe/production/image/logs"),
  also("ImageRole", "ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/sst/*"),
  also("ImageRole", "s3:PutObject", "arn:aws:s3:::any/*"),
  widen("ImageRole", "imagebuilder:GetComponent", "arn:aws:imagebuilder:us-east-1:123456789012:component/*"),
  never(launcher, "s3:GetObjectVersion"),
  never(launcher, "ec2:StartInstances"),
  never("SweeperHandler", "ec2:StopInstances"),
  never("SweeperHandler", "imagebuilder:StartImagePipelineExecution"),
  never("SweeperHandler", "imagebuilder:ListImages"),
  never("RemoverRole", "ec2:TerminateInstances"),
  never("RemoverRole", "imagebuilder:CancelImageCreation"),
  never("ImageRole", "ssmmessages:OpenControlChannel"),
  widen(launcher, "s3:GetObjectVersion", "arn:aws:s3:::*"),
  widen("SweeperHandler", "imagebuilder:StartImagePipelineExecution", "arn:aws:imagebuilder:us-east-1:123456789012:*"),
  widen("RemoverRole", "imagebuilder:DeleteImage", "arn:aws:imagebuilder:us-east-1:123456789012:image/*"),
  also("RemoverRole", "ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:instance/*"),
  unconditional(launcher, "ec2:CreateTags", "ForAllValues:StringEquals"),
  unconditional(launcher, "ec2:CreateTags", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional(launcher, "ec2:StartInstances", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional(launcher, "ec2:RunInstances", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional("SweeperHandler", "ec2:StopInstances", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional("SweeperHandler", "ec2:DeregisterImage", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional("SweeperHandler", "ec2:DeleteVolume", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional("SweeperHandler", "ec2:DeleteSnapshot", "StringEquals", "aws:ResourceTag/sst:stage"),
  unconditional("RemoverRole", "ec2:DeleteSnapshot", "StringLike"),
  unconditional("RemoverRole", "ec2:TerminateInstances", "StringEquals", "aws:ResourceTag/sst:stage"),
  drop("production", "ImageFailed"),
  put("production", "ImageFailedLines", "pattern", "ERROR"),
  put("production", "Removal", "lifecycleScope", "CREATE_ONLY"),
  put("production", "RemoverFunction", "timeout", 30),
  independent("SweeperTarget"),
  independent("LauncherQueueSubscriber"),
  independent("WorkerPipeline"),
  {
    name: "production: the network goes first",
    make(s) {
      const removal = find(s, "production", "Removal")
      removal.dependencies = removal.dependencies.filter((urn) => !urn.endsWith("::NetworkSubnet2"))
    },
  },
]
