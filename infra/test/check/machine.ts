import { account } from "../harness/aws.ts"
import { type Check, list, of, one, roleOf } from "./see.ts"

export const machine: Check[] = [
  {
    name: "a machine's metadata wants a token and goes no hop further",
    run(scenes, see) {
      for (const scene of ["production", "small", "elsewhere"] as const)
        see.has(
          one(scenes[scene], "WorkerTemplate").inputs,
          { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, instanceMetadataTags: "enabled" } },
          scene,
        )
    },
  },
  {
    name: "a machine's disk is encrypted and goes with it, and the machine goes when it is shut down",
    run(scenes, see) {
      for (const scene of ["production", "small", "elsewhere"] as const)
        see.has(
          one(scenes[scene], "WorkerTemplate").inputs,
          {
            instanceInitiatedShutdownBehavior: "terminate",
            blockDeviceMappings: [
              { ebs: { encrypted: "true", volumeType: "gp3", volumeSize: 50, deleteOnTermination: "true" } },
            ],
          },
          scene,
        )
    },
  },
  {
    name: "the template holds no secret: it has no user data",
    run(scenes, see) {
      for (const scene of ["production", "small", "elsewhere"] as const)
        see.same(one(scenes[scene], "WorkerTemplate").inputs["userData"], undefined, scene)
    },
  },
  {
    name: "the API knows by which name a machine of this stage proves what it is, and nobody else needs to",
    run(scenes, see) {
      for (const scene of ["production", "small", "elsewhere"] as const) {
        const { links, functions } = scenes[scene]
        const role = String(roleOf(scenes[scene], "WorkerRole").name)
        see.same(links["WorkerIdentity"]?.["assumedRole"], `arn:aws:sts::${account}:assumed-role/${role}`, scene)
        const knowing = functions.filter((item) => item.links.includes("WorkerIdentity")).map((item) => item.id)
        see.same(knowing, ["Api"], `${scene}: who knows it`)
      }
      see.same(scenes.dev.links["WorkerIdentity"], undefined, "dev has no machines")
    },
  },
  {
    name: "machine, disk and template follow the configuration",
    run({ production, elsewhere }, see) {
      const { inputs } = one(elsewhere, "WorkerTemplate")
      see.has(
        inputs,
        {
          imageId: "ami-00000000000000001",
          instanceType: "m7g.large",
        },
        "elsewhere",
      )
      // Which market is asked is said with each start, as there may be more than one.
      for (const result of [production, elsewhere])
        see.same(one(result, "WorkerTemplate").inputs["instanceMarketOptions"], undefined, "no market in the template")
      see.has(
        elsewhere.links["Worker"],
        { spot: true, spotFallback: false, poolSize: 0, sudo: false },
        "elsewhere: Spot",
      )
      see.has(
        production.links["Worker"],
        { spot: false, spotFallback: true, poolSize: 2, poolState: "stopped", sudo: true },
        "pool, and root for commands",
      )
      see.same(
        elsewhere.links["Worker"]?.["subnetIDs"],
        ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "elsewhere: subnets",
      )
      see.same(one(elsewhere, "WorkerGroup").inputs["vpcId"], "vpc-0123456789abcdef0", "elsewhere: network")
      see.same(of(elsewhere, "aws:ec2/vpc:Vpc").length, 0, "elsewhere: no network of its own")
    },
  },
  {
    name: "every machine and disk carries its stage",
    run(scenes, see) {
      const specifications = list(one(scenes.small, "WorkerTemplate").inputs["tagSpecifications"])
      for (const [index, resourceType] of ["instance", "volume"].entries())
        see.has(
          specifications[index],
          { resourceType, tags: { "sst:app": "remote-swe", "sst:stage": "ann" } },
          resourceType,
        )
    },
  },
  {
    name: "nobody gets in: no inbound rule, and a default group that lets nothing through",
    run(scenes, see) {
      for (const scene of ["production", "small", "elsewhere"] as const) {
        for (const group of of(scenes[scene], "aws:ec2/securityGroup:SecurityGroup"))
          see.same(group.inputs["ingress"], [], `${scene}: ${group.name}`)
        see.same(of(scenes[scene], "aws:ec2/securityGroupRule:SecurityGroupRule").length, 0, `${scene}: rules beside`)
      }
      for (const scene of ["production", "small"] as const) {
        const { inputs } = one(scenes[scene], "NetworkDefaultGroup")
        see.same([inputs["ingress"], inputs["egress"]], [undefined, undefined], `${scene}: the default group`)
      }
    },
  },
  {
    name: "an own network costs nothing: no NAT, and free ways to S3 and DynamoDB",
    run(scenes, see) {
      for (const scene of ["production", "small"] as const) {
        see.same(of(scenes[scene], "aws:ec2/natGateway:NatGateway").length, 0, `${scene}: NAT`)
        see.same(of(scenes[scene], "aws:ec2/eip:Eip").length, 0, `${scene}: addresses`)
        see.same(
          of(scenes[scene], "aws:ec2/vpcEndpoint:VpcEndpoint").map((item) => [
            item.inputs["vpcEndpointType"],
            item.inputs["serviceName"],
          ]),
          [
            ["Gateway", "com.amazonaws.us-east-1.s3"],
            ["Gateway", "com.amazonaws.us-east-1.dynamodb"],
          ],
          scene,
        )
      }
    },
  },
  {
    name: "commands are kept to the hosts that are configured, where some are",
    run({ production, elsewhere }, see) {
      const hosts = (result: typeof elsewhere) => result.links["Settings"]?.["egress"]
      see.same(hosts(elsewhere), ["example.com", "*.example.org:8443"], "elsewhere")
      see.same(hosts(production), undefined, "production")
    },
  },
  {
    name: "a session leads to its machines' log, where the console has it",
    run({ production, dev }, see) {
      const address = (result: typeof dev) => result.links["Settings"]?.["workerLogsURL"]
      const console = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
      see.same(
        address(production),
        `${console}#logsV2:log-groups/log-group/$252Fremote-swe$252Fproduction$252Fworker`,
        "production",
      )
      see.same(address(dev), undefined, "dev")
    },
  },
  {
    name: "sst dev starts no machine, and has panes for dashboard and workers",
    run({ dev }, see) {
      const types = dev.resources.map((item) => item.type)
      for (const type of ["ec2/launchTemplate", "ec2/vpc", "iam/instanceProfile"])
        see.holds(!types.some((item) => item.startsWith(`aws:${type}:`)), `dev has ${type}`)
      const mappings = of(dev, "aws:lambda/eventSourceMapping:EventSourceMapping").map((item) => item.name)
      see.holds(!mappings.some((name) => name.startsWith("Launcher")), "dev has a launcher in the cloud")
      see.same(dev.links["Settings"]?.["machine"], "process", "Machines")
      const pane = dev.resources.find((item) => item.name === "LocalWorkers")
      see.has(pane?.outputs, { _dev: { title: "Workers", directory: "packages/local" } }, "Workers")
      const site = dev.resources.find((item) => item.type === "sst:aws:SolidStart")
      see.has(site?.outputs, { _dev: { title: "Dashboard" } }, "Dashboard")
    },
  },
]
