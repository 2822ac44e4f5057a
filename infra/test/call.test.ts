import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { calls } from "./check/call.ts"
import { root } from "./harness/place.ts"
import { recorded } from "./recorded.ts"

/** What IAM asks for, by what core writes. */
const needs: Record<string, string[]> = {
  // With a version, where it is a program's.
  "client-s3 GetObject": ["s3:GetObject", "s3:GetObjectVersion"],
  "client-s3 HeadObject": ["s3:GetObject", "s3:ListBucket"],
  "client-s3 PutObject": ["s3:PutObject"],
  "client-s3 CopyObject": ["s3:GetObject", "s3:PutObject"],
  "client-s3 ListObjectsV2": ["s3:ListBucket"],
  "client-s3 DeleteObjects": ["s3:DeleteObject"],
  "client-sqs SendMessage": ["sqs:SendMessage"],
  "client-iot-data-plane Publish": ["iot:Publish"],
  // The question is signed by whoever asks, and IAM lets everybody ask it.
  "client-sts GetCallerIdentity": [],
  "client-ec2 RunInstances": ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"],
  "client-ec2 DescribeInstances": ["ec2:DescribeInstances"],
  "client-ec2 TerminateInstances": ["ec2:TerminateInstances"],
  "client-ec2 StartInstances": ["ec2:StartInstances"],
  "client-ec2 StopInstances": ["ec2:StopInstances"],
  "client-ec2 CreateTags": ["ec2:CreateTags"],
  "client-ec2 DescribeImages": ["ec2:DescribeImages"],
  "client-ec2 DescribeSnapshots": ["ec2:DescribeSnapshots"],
  "client-ec2 DescribeVolumes": ["ec2:DescribeVolumes"],
  "client-ec2 DeregisterImage": ["ec2:DeregisterImage"],
  "client-ec2 DeleteSnapshot": ["ec2:DeleteSnapshot"],
  "client-ec2 DeleteVolume": ["ec2:DeleteVolume"],
  ...Object.fromEntries(
    ["StartImagePipelineExecution", "CancelImageCreation", "DeleteImage", "DeleteImageRecipe", "DeleteComponent"]
      .concat("DeleteDistributionConfiguration", "ListImagePipelineImages", "ListImages", "ListImageBuildVersions")
      .concat("ListImageRecipes", "ListComponents", "ListDistributionConfigurations")
      .map((name) => [`client-imagebuilder ${name}`, [`imagebuilder:${name}`]]),
  ),
  "client-scheduler CreateSchedule": ["scheduler:CreateSchedule", "iam:PassRole"],
  "client-scheduler UpdateSchedule": ["scheduler:UpdateSchedule", "iam:PassRole"],
  "client-scheduler DeleteSchedule": ["scheduler:DeleteSchedule"],
  "lib-dynamodb Query": ["dynamodb:Query"],
  "lib-dynamodb BatchWrite": ["dynamodb:BatchWriteItem"],
  "entity get": ["dynamodb:GetItem"],
  "entity query": ["dynamodb:Query"],
  "entity put": ["dynamodb:PutItem"],
  "entity create": ["dynamodb:PutItem"],
  "entity patch": ["dynamodb:UpdateItem"],
  "entity delete": ["dynamodb:DeleteItem"],
  "entity remove": ["dynamodb:DeleteItem"],
}

const files = globSync("packages/core/src/**/*.ts", { cwd: root })

function written() {
  const texts = files.map((file) => readFileSync(path.join(root, file), "utf8"))
  return new Set(texts.flatMap((text) => [...commands(text), ...verbs(text)]))
}

const commands = (text: string) =>
  [...text.matchAll(/import \{([^}]*)\} from "@aws-sdk\/([\w-]+)"/g)].flatMap(([, names = "", service]) =>
    [...names.matchAll(/\b(\w+)Command\b|\bpaginate(\w+)\b/g)].map(([, name, pages]) => `${service} ${name ?? pages}`),
  )

/** A list of keys makes a batch of its own kind. */
const verbs = (text: string) =>
  [...text.matchAll(/\w+Entity\.(\w+)(\(\[)?/g)].map(([, verb, batch]) => `entity ${verb}${batch ? " many" : ""}`)

it("every call that core makes of AWS is one that IAM is asked about, and allows", () => {
  const allowed = new Set(calls(recorded().production).allowed.map((item) => item.action))
  const found = written()
  expect(found.size).toBeGreaterThan(10)
  expect(
    [...found].filter((name) => !(name in needs)),
    "nobody said what these need",
  ).toEqual([])
  expect([...found].flatMap((name) => needs[name] ?? []).filter((action) => !allowed.has(action))).toEqual([])
})
