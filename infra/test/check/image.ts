import { account } from "../harness/aws.ts"
import type { Result } from "../harness/result.ts"
import { deployed } from "../scenes.ts"
import { type Check, granted, list, of, one, parsed, roleOf } from "./see.ts"

/** Those that make images themselves. */
const making = ["production", "small"] as const
const made = [
  "aws:imagebuilder/component:Component",
  "aws:imagebuilder/imageRecipe:ImageRecipe",
  "aws:imagebuilder/distributionConfiguration:DistributionConfiguration",
] as const

const only = (result: Result, type: string) => {
  const [found, ...more] = of(result, type)
  if (!found || more.length > 0) throw new Error(`There is not one ${type}`)
  return found
}

export const image: Check[] = [
  {
    name: "programs stand in the bucket under what they hold, and machines are told which",
    run(scenes, see) {
      for (const scene of deployed) {
        const { links } = scenes[scene]
        const bucket = links["Bucket"]?.["name"]
        for (const [name, kind, ending] of [
          ["WorkerBundle", "bundle", "tar.gz"],
          ["WorkerRecipeArchive", "recipe", "tar"],
        ] as const) {
          const { inputs, dependencies } = one(scenes[scene], name)
          const sha256 = String(links["WorkerProgram"]?.[`${kind}Sha256`])
          see.holds(/^[0-9a-f]{64}$/.test(sha256), `${scene}: ${kind} has no hash`)
          see.same([inputs["bucket"], inputs["key"]], [bucket, `program/${sha256}.${ending}`], `${scene}: ${name}`)
          see.same(links["WorkerProgram"]?.[`${kind}Key`], inputs["key"], `${scene}: ${kind}`)
          see.same(links["WorkerProgram"]?.[`${kind}Version`], `version of ${name}`, `${scene}: ${kind}`)
          see.holds(
            dependencies.some((urn) => urn.endsWith("::BucketVersioning")),
            `${scene}: ${name} may come before the bucket keeps versions`,
          )
        }
      }
      for (const name of ["WorkerBundle", "WorkerRecipeArchive"])
        see.holds(!scenes.dev.resources.some((item) => item.name === name), `dev: ${name}`)
    },
  },
  {
    name: "all deployments of one state of the sources store the same programs",
    run({ production, small, elsewhere }, see) {
      for (const kind of ["bundleSha256", "recipeSha256"])
        see.same(
          new Set([production, small, elsewhere].map(({ links }) => links["WorkerProgram"]?.[kind])).size,
          1,
          kind,
        )
    },
  },
  {
    name: "an image is made of the recipe that is stored, and checked before it is run",
    run(scenes, see) {
      for (const scene of making) {
        const { links } = scenes[scene]
        const document = parsed(one(scenes[scene], "WorkerComponent").inputs["data"]) as unknown as Document
        see.same(
          document.phases.map(({ name }) => name),
          ["build", "validate"],
          `${scene}: phases`,
        )
        const [fetch, install] = document.phases[0]?.steps ?? []
        const key = links["WorkerProgram"]?.["recipeKey"]
        see.same([fetch?.action, install?.action], ["S3Download", "ExecuteBash"], `${scene}: steps`)
        see.has(
          fetch?.inputs,
          [{ source: `s3://${links["Bucket"]?.["name"]}/${key}`, expectedBucketOwner: account }],
          `${scene}: where from`,
        )
        const lines = String((install?.inputs as { commands?: string[] })?.commands?.[0]).split("\n")
        const at = (part: string) => lines.findIndex((line) => line.includes(part))
        see.same(lines[0], "set -euo pipefail", `${scene}: a step that fails fails the image`)
        see.holds(
          at(`sha256sum --check --status <<<"${links["WorkerProgram"]?.["recipeSha256"]}`) > 0,
          `${scene}: any recipe will do`,
        )
        see.holds(at("sha256sum") < at("tar ") && at("tar ") < at("install.sh"), `${scene}: order`)
        for (const step of document.phases.flatMap(({ steps }) => steps))
          see.same([step.onFailure, step.timeoutSeconds > 0], ["Abort", true], `${scene}: ${step.name}`)
        see.holds(JSON.stringify(document).length < 16_000, `${scene}: Image Builder takes 16 KB`)
      }
    },
  },
  {
    name: "an image says what it was made of, is encrypted, keeps no agent, and belongs to its stage",
    run(scenes, see) {
      for (const scene of making) {
        const { links } = scenes[scene]
        const recipe = one(scenes[scene], "WorkerRecipe").inputs
        see.has(
          recipe,
          {
            parentImage: links["WorkerImage"]?.["base"],
            components: [
              { componentArn: `arn:aws:imagebuilder:us-east-1:${account}:component/${recipe["name"]}/1.0.0/1` },
            ],
            systemsManagerAgent: { uninstallAfterBuild: true },
            blockDeviceMappings: [
              { deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 20, deleteOnTermination: "true" } },
            ],
          },
          scene,
        )
        const script = Buffer.from(String(recipe["userDataBase64"]), "base64").toString()
        see.holds(script.includes("/debian_amd64/amazon-ssm-agent.deb"), `${scene}: no agent, no build`)
        const [distribution, ...more] = list(one(scenes[scene], "WorkerDistribution").inputs["distributions"])
        see.same(more, [], `${scene}: other regions`)
        see.has(
          distribution,
          {
            region: "us-east-1",
            amiDistributionConfiguration: {
              amiTags: {
                "sst:app": "remote-swe",
                "sst:stage": { production: "production", small: "ann" }[scene],
                "remote-swe:recipe": links["WorkerProgram"]?.["recipeSha256"],
                "remote-swe:floor": String(links["WorkerProgram"]?.["floor"]),
              },
            },
          },
          scene,
        )
        see.same(
          Object.keys((distribution as { amiDistributionConfiguration: object }).amiDistributionConfiguration).sort(),
          ["amiTags", "name"],
          `${scene}: an image is nobody else's`,
        )
      }
    },
  },
  {
    name: "what Image Builder knows by a name never changes, and is known as this stage's",
    run(scenes, see) {
      for (const scene of making) {
        const names = made.map((type) => String(only(scenes[scene], type).inputs["name"]))
        see.same(new Set(names).size, 1, `${scene}: names`)
        const stage = { production: "production", small: "ann" }[scene]
        see.holds(new RegExp(`^remote-swe-worker-[0-9a-f]{8}-${stage}$`).test(names[0] ?? ""), `${scene}: ${names[0]}`)
        see.same(scenes[scene].links["WorkerImage"]?.["name"], names[0], `${scene}: the link`)
        const { keepers } = one(scenes[scene], "WorkerImageName", "random").inputs as { keepers: { content: string } }
        see.holds(/^[0-9a-f]{64}$/.test(keepers.content), `${scene}: a name follows from the content`)
        // Image Builder refuses to delete what images were made of. The sweeper and the remover do it.
        for (const type of made) see.same(only(scenes[scene], type).retainOnDelete, true, `${scene}: ${type}`)
      }
      const content = (scene: (typeof making)[number]) =>
        JSON.stringify(one(scenes[scene], "WorkerImageName", "random").inputs)
      see.holds(content("production") !== content("small"), "stages with other buckets have other recipes")
    },
  },
  {
    name: "the machine that becomes an image is closed, wants a token, ends when it fails, and belongs to its stage",
    run(scenes, see) {
      for (const scene of making) {
        const { inputs } = one(scenes[scene], "WorkerImagePlace")
        see.has(
          inputs,
          {
            instanceProfileName: "ImageProfile",
            instanceTypes: ["t3.large", "t3a.large", "m7i-flex.large"],
            instanceMetadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
            resourceTags: { "sst:app": "remote-swe", "sst:stage": { production: "production", small: "ann" }[scene] },
            terminateInstanceOnFailure: true,
            subnetId: list(scenes[scene].links["Worker"]?.["subnetIDs"])[0],
            securityGroupIds: list(one(scenes[scene], "WorkerTemplate").inputs["vpcSecurityGroupIds"]),
          },
          scene,
        )
        see.same(inputs["keyPair"], undefined, `${scene}: somebody may log in`)
      }
    },
  },
  {
    name: "the machine that becomes an image reads its recipe and its component, and writes its log",
    run(scenes, see) {
      const name = scenes.production.links["WorkerImage"]?.["name"]
      const bucket = scenes.production.links["Bucket"]?.["name"]
      const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${account}:${rest}`
      const statements = granted(roleOf(scenes.production, "ImageRole"))
      const resources = (action: string) =>
        statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource)
      see.same(resources("imagebuilder:GetComponent"), [arn("imagebuilder", `component/${name}/1.0.0/1`)], "component")
      see.same(
        resources("s3:GetObject"),
        [
          `arn:aws:s3:::${bucket}/${scenes.production.links["WorkerProgram"]?.["recipeKey"]}`,
          "arn:aws:s3:::ec2imagebuilder*/*",
        ],
        "files",
      )
      see.same(resources("logs:PutLogEvents"), [arn("logs", `log-group:/aws/imagebuilder/${name}:*`)], "log")
      const rest = statements.flatMap(({ Action }) => Action).filter((action) => !/messages:|^ssm:/.test(action))
      see.same(
        rest.sort(),
        ["imagebuilder:GetComponent", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "s3:GetObject"],
        "nothing else",
      )
      see.holds(
        !statements.some(({ Action }) =>
          Action.some((action) => /^ssm:.*(Parameter|SendCommand|Session)/.test(action)),
        ),
        "the agent reads parameters, or commands others",
      )
    },
  },
  {
    name: "a deployment does not wait for an image, and none is made by a clock",
    run(scenes, see) {
      for (const scene of making) {
        const pipeline = one(scenes[scene], "WorkerPipeline").inputs
        see.has(pipeline, { imageTestsConfiguration: { imageTestsEnabled: false } }, scene)
        see.same([pipeline["schedule"], pipeline["containerRecipeArn"]], [undefined, undefined], scene)
        see.same(of(scenes[scene], "aws:imagebuilder/image:Image").length, 0, `${scene}: an image that is waited for`)
        see.same(
          scenes[scene].links["WorkerImage"]?.["pipelineARN"],
          `arn:aws:imagebuilder:us-east-1:${account}:image-pipeline/remote-swe-${{ production: "production", small: "ann" }[scene]}-worker`,
          scene,
        )
      }
    },
  },
  {
    name: "an image that somebody names is taken as it is, and none is made",
    run({ elsewhere, dev }, see) {
      const { fixed, base, name, pipelineARN, architecture } = elsewhere.links["WorkerImage"] ?? {}
      see.same([fixed, base], ["ami-00000000000000001", "ami-00000000000000001"], "elsewhere: which")
      see.same([name, pipelineARN, architecture], [undefined, undefined, "arm64"], "elsewhere: how")
      for (const result of [elsewhere, dev])
        see.same(result.resources.filter((item) => item.type.startsWith("aws:imagebuilder/")).length, 0, "made")
    },
  },
  {
    name: "an image that cannot be made raises an alarm",
    run(scenes, see) {
      for (const scene of making) {
        const { inputs } = one(scenes[scene], "ImageFailedLines")
        see.has(
          inputs,
          {
            logGroupName: `/remote-swe/${{ production: "production", small: "ann" }[scene]}/SweeperHandler`,
            pattern: '{ $.code = "image.failed" }',
            metricTransformation: { name: "ImageFailed", value: "1" },
          },
          scene,
        )
        const transformation = inputs["metricTransformation"] as { namespace: string }
        see.has(
          one(scenes[scene], "ImageFailed").inputs,
          { namespace: transformation.namespace, metricName: "ImageFailed", statistic: "Sum", threshold: 1 },
          scene,
        )
      }
    },
  },
  {
    name: "what was made at run time is taken away after whatever makes it, and before what it lives on",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const removal = one(result, "Removal")
        see.has(
          removal.inputs,
          { lifecycleScope: "CRUD", functionName: one(result, "RemoverFunction").inputs["name"] },
          scene,
        )
        const after = (name: string) =>
          result.resources.find((item) => item.name.startsWith(name) && item.dependencies.includes(removal.urn))
        see.holds(after("SweeperTarget") !== undefined, `${scene}: the sweeper may go on`)
        see.holds(after("LauncherQueueSubscriber") !== undefined, `${scene}: the launcher may go on`)
        if (scene !== "elsewhere") see.holds(after("WorkerPipeline") !== undefined, `${scene}: an image may be begun`)
        const before = removal.dependencies.map((urn) => urn.split("::").at(-1))
        const own = ["Network", "NetworkGateway", "NetworkSubnet1", "NetworkSubnet2"]
        for (const name of ["WorkerTemplate", ...(scene === "elsewhere" ? [] : own)])
          see.holds(before.includes(name), `${scene}: ${name} goes while there are machines`)
        see.has(one(result, "RemoverFunction").inputs, { timeout: 900 }, `${scene}: time`)
      }
      see.same(of(scenes.dev, "aws:lambda/invocation:Invocation").length, 0, "dev makes nothing")
    },
  },
]

interface Document {
  phases: {
    name: string
    steps: { name: string; action: string; onFailure: string; timeoutSeconds: number; inputs: unknown }[]
  }[]
}
