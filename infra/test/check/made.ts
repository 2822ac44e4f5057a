import { account } from "../harness/aws.ts"
import type { Result } from "../harness/result.ts"
import type { Call } from "./call.ts"

const [launcher, sweeper, remover] = ["LauncherQueueSubscriber", "SweeperHandler", "RemoverRole"] as const
const others = ["Api", "WebServer", "RealtimeAuthorizerHandler", "WorkerRole", "TriggerRole", "SchedulerRole"] as const

/** What concerns all that is made at run time: who makes images, takes machines from the pool, and removes. */
export function made(result: Result) {
  const ec2 = (name: string) => `arn:aws:ec2:us-east-1:${account}:${name}`
  const image = "arn:aws:ec2:us-east-1::image/ami-00000000000000009"
  const snapshot = "arn:aws:ec2:us-east-1::snapshot/snap-1"
  const builder = (name: string) => `arn:aws:imagebuilder:us-east-1:${account}:${name}`
  const bucket = `arn:aws:s3:::${result.links["Bucket"]?.["name"]}`
  const pipeline = String(result.links["WorkerImage"]?.["pipelineARN"])
  const group = `/aws/imagebuilder/${result.links["WorkerImage"]?.["name"]}`
  const template = ec2(`launch-template/${result.links["Worker"]?.["templateID"]}`)
  const tagged = (name: string) => ({ "aws:ResourceTag/sst:app": "remote-swe", "aws:ResourceTag/sst:stage": name })
  const [ours, foreign] = [tagged("production"), tagged("ann")]
  const keys = ["remote-swe:session", "remote-swe:generation"]
  const fromTemplate = { "ec2:LaunchTemplate": template }
  const byBuilder = (stage: string) => ({
    "aws:ResourceTag/Ec2ImageBuilderArn": builder(`image/remote-swe-worker-0123abcd-${stage}/1.0.0/1`),
  })
  const call = (role: string, action: string, resource: string, context?: Call["context"]): Call => ({
    ...{ role, action, resource },
    ...(context && { context }),
  })

  const discarded = (stage: string) =>
    [
      ["ec2:DeregisterImage", image, tagged(stage)],
      ["ec2:DeleteSnapshot", snapshot, tagged(stage)],
      ["ec2:DeleteSnapshot", snapshot, byBuilder(stage)],
      ["ec2:DeleteVolume", ec2("volume/vol-1"), tagged(stage)],
    ] as const
  const left = (stage: string) =>
    [
      ["imagebuilder:DeleteImage", builder(`image/remote-swe-worker-0123abcd-${stage}/1.0.0/1`)],
      ["imagebuilder:ListImageBuildVersions", builder(`image/remote-swe-worker-0123abcd-${stage}/1.0.0/*`)],
      ["imagebuilder:DeleteImageRecipe", builder(`image-recipe/remote-swe-worker-0123abcd-${stage}/1.0.0`)],
      ["imagebuilder:DeleteComponent", builder(`component/remote-swe-worker-0123abcd-${stage}/1.0.0/1`)],
      [
        "imagebuilder:DeleteDistributionConfiguration",
        builder(`distribution-configuration/remote-swe-worker-0123abcd-${stage}`),
      ],
    ] as const
  const listed = [
    ...["ec2:DescribeImages", "ec2:DescribeSnapshots", "ec2:DescribeVolumes", "imagebuilder:ListImages"],
    ...["imagebuilder:ListImageRecipes", "imagebuilder:ListComponents", "imagebuilder:ListDistributionConfigurations"],
  ]

  const allowed: Call[] = [
    ...[launcher, sweeper].flatMap((role) => [
      call(role, "ec2:RunInstances", image, { ...fromTemplate, ...ours }),
      call(role, "ec2:DescribeImages", "*"),
      call(role, "ec2:CreateTags", ec2("instance/i-1"), { ...ours, "aws:TagKeys": keys }),
      call(role, "ec2:StartInstances", ec2("instance/i-1"), ours),
      call(role, "s3:GetObjectVersion", `${bucket}/program/1.tar`),
    ]),
    call(sweeper, "ec2:StopInstances", ec2("instance/i-1"), ours),
    call(sweeper, "imagebuilder:StartImagePipelineExecution", pipeline),
    call(sweeper, "imagebuilder:ListImagePipelineImages", pipeline),
    ...[sweeper, remover].flatMap((role) => [
      ...listed.map((action) => call(role, action, "*")),
      ...discarded("production").map(([action, resource, context]) => call(role, action, resource, context)),
      ...left("production").map(([action, resource]) => call(role, action, resource)),
    ]),
    call(remover, "ec2:DescribeInstances", "*"),
    call(remover, "ec2:TerminateInstances", ec2("instance/i-1"), ours),
    call(remover, "imagebuilder:CancelImageCreation", builder("image/remote-swe-worker-0123abcd-production/1.0.0/1")),
    call("ImageRole", "s3:GetObject", `${bucket}/${result.links["WorkerProgram"]?.["recipeKey"]}`),
    call("ImageRole", "s3:GetObject", "arn:aws:s3:::ec2imagebuilder-toe-us-east-1-prod/latest/linux/awstoe"),
    call(
      "ImageRole",
      "imagebuilder:GetComponent",
      builder(`component/${result.links["WorkerImage"]?.["name"]}/1.0.0/1`),
    ),
    call("ImageRole", "logs:PutLogEvents", `arn:aws:logs:us-east-1:${account}:log-group:${group}:log-stream:1.0.0/1`),
    call("ImageRole", "ssm:UpdateInstanceInformation", ec2("instance/i-1")),
    call("ImageRole", "ssmmessages:OpenControlChannel", "*"),
    call("ImageRole", "ec2messages:GetMessages", "*"),
  ]

  const denied: Call[] = [
    ...[launcher, sweeper].flatMap((role) => [
      // Images of others, and ours without the template.
      call(role, "ec2:RunInstances", image, { ...fromTemplate, ...foreign }),
      call(role, "ec2:RunInstances", image, ours),
      // Machines of others; and other tags, which would make them ours, or ours somebody else's.
      call(role, "ec2:CreateTags", ec2("instance/i-1"), { ...foreign, "aws:TagKeys": keys }),
      call(role, "ec2:CreateTags", ec2("instance/i-1"), { "aws:TagKeys": keys }),
      call(role, "ec2:CreateTags", ec2("instance/i-1"), { ...ours, "aws:TagKeys": [...keys, "sst:stage"] }),
      call(role, "ec2:CreateTags", ec2("volume/vol-1"), { ...ours, "aws:TagKeys": keys }),
      call(role, "ec2:StartInstances", ec2("instance/i-1"), foreign),
      call(role, "ec2:StartInstances", ec2("instance/i-1")),
      call(role, "ec2:StopInstances", ec2("instance/i-1"), foreign),
      // Programs are the deployment's.
      call(role, "s3:GetObjectVersion", `${bucket}/session/ses_1/file/1`),
      call(role, "s3:PutObject", `${bucket}/program/1.tar`),
      call(role, "s3:DeleteObject", `${bucket}/program/1.tar`),
    ]),
    ...[...discarded("production").map(([action, resource, context]) => call(launcher, action, resource, context))],
    ...[...left("production").map(([action, resource]) => call(launcher, action, resource))],
    call(launcher, "imagebuilder:StartImagePipelineExecution", pipeline),
    call(sweeper, "imagebuilder:StartImagePipelineExecution", builder("image-pipeline/another")),
    ...[sweeper, remover].flatMap((role) => [
      // Stages whose names end or begin with ours are others.
      ...["ann", "a-production", "production-2"].flatMap((stage) => [
        ...discarded(stage).map(([action, resource, context]) => call(role, action, resource, context)),
        ...left(stage).map(([action, resource]) => call(role, action, resource)),
      ]),
      call(role, "ec2:DeleteSnapshot", snapshot),
      call(role, "ec2:DeleteVolume", ec2("volume/vol-1")),
      call(role, "ec2:DeregisterImage", image),
      call(role, "imagebuilder:CreateComponent", builder("component/x/1.0.0/1")),
      call(role, "imagebuilder:UpdateImagePipeline", pipeline),
    ]),
    call(sweeper, "imagebuilder:CancelImageCreation", builder("image/remote-swe-worker-0123abcd-production/1.0.0/1")),
    call(remover, "ec2:TerminateInstances", ec2("instance/i-1"), foreign),
    call(remover, "ec2:RunInstances", ec2("instance/i-1"), fromTemplate),
    call(remover, "ec2:StartInstances", ec2("instance/i-1"), ours),
    call(remover, "imagebuilder:StartImagePipelineExecution", pipeline),
    call(remover, "s3:GetObjectVersion", `${bucket}/program/1.tar`),
    call(remover, "s3:GetObject", `${bucket}/session/ses_1/file/1`),
    call(remover, "dynamodb:GetItem", `arn:aws:dynamodb:us-east-1:${account}:table/${result.links["Table"]?.["name"]}`),
    ...[...others, "ImageRole"].flatMap((role) => [
      call(role, "ec2:StartInstances", ec2("instance/i-1"), ours),
      call(role, "ec2:StopInstances", ec2("instance/i-1"), ours),
      call(role, "ec2:CreateTags", ec2("instance/i-1"), { ...ours, "aws:TagKeys": keys }),
      call(role, "ec2:DeregisterImage", image, ours),
      call(role, "ec2:DeleteVolume", ec2("volume/vol-1"), ours),
      call(role, "imagebuilder:StartImagePipelineExecution", pipeline),
      call(role, "s3:GetObjectVersion", `${bucket}/program/1.tar`),
      call(role, "s3:GetObject", `${bucket}/program/1.tar`),
    ]),
    call("ImageRole", "ec2:RunInstances", ec2("instance/i-1"), fromTemplate),
    call("ImageRole", "s3:GetObject", `${bucket}/session/ses_1/file/1`),
    call("ImageRole", "s3:PutObject", `${bucket}/program/1.tar`),
    call("ImageRole", "ssm:GetParameter", `arn:aws:ssm:us-east-1:${account}:parameter/sst/passphrase`),
    call("ImageRole", "ssm:SendCommand", ec2("instance/i-1")),
    call("ImageRole", "imagebuilder:GetComponent", builder("component/another/1.0.0/1")),
    call("ImageRole", "iam:CreateRole", `arn:aws:iam::${account}:role/X`),
  ]
  return { allowed, denied }
}
