import { type Mutation, add, drop, put, set } from "./make.ts"

/** Machines. */
export const machine: Mutation[] = [
  put("production", "WorkerTemplate", "metadataOptions.httpTokens", "optional"),
  put("production", "WorkerTemplate", "metadataOptions.httpPutResponseHopLimit", 2),
  put("small", "WorkerTemplate", "metadataOptions", undefined),
  put("production", "WorkerTemplate", "blockDeviceMappings.0.ebs.encrypted", "false"),
  put("production", "WorkerTemplate", "blockDeviceMappings.0.ebs.deleteOnTermination", "false"),
  put("production", "WorkerTemplate", "instanceInitiatedShutdownBehavior", "stop"),
  put("production", "WorkerTemplate", "userData", "c2VjcmV0"),
  {
    name: "production: another role proves to be a worker",
    make: (s) =>
      void set(
        s.production.links["WorkerIdentity"] ?? {},
        ["assumedRole"],
        "arn:aws:sts::123456789012:assumed-role/Any",
      ),
  },
  {
    name: "production: the API believes no machine",
    make: (s) => {
      const api = s.production.functions.find((item) => item.id === "Api")
      if (api) api.links = api.links.filter((name) => name !== "WorkerIdentity")
    },
  },
  put("production", "WorkerTemplate", "instanceMarketOptions", { marketType: "spot" }),
  put("small", "WorkerTemplate", "metadataOptions.instanceMetadataTags", "disabled"),
  { name: "elsewhere: no Spot", make: (s) => void set(s.elsewhere.links["Worker"] ?? {}, ["spot"], false) },
  { name: "elsewhere: commands become root", make: (s) => void set(s.elsewhere.links["Worker"] ?? {}, ["sudo"], true) },
  { name: "production: no pool", make: (s) => void set(s.production.links["Worker"] ?? {}, ["poolSize"], 0) },
  put("elsewhere", "WorkerGroup", "vpcId", "vpc-other"),
  put("small", "WorkerTemplate", "tagSpecifications.1", undefined),
  put("production", "WorkerGroup", "ingress", [
    { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] },
  ]),
  add("production", "aws:ec2/securityGroupRule:SecurityGroupRule", "Ssh"),
  put("production", "NetworkDefaultGroup", "ingress", [{ protocol: "-1", self: true }]),
  add("small", "aws:ec2/natGateway:NatGateway", "Nat"),
  drop("production", "NetworkEndpointdynamodb"),
  add("dev", "aws:ec2/launchTemplate:LaunchTemplate", "WorkerTemplate"),
  {
    name: "elsewhere: commands reach every host",
    make: (s) => void set(s.elsewhere.links["Settings"] ?? {}, ["egress"], undefined),
  },
  { name: "dev: machines on EC2", make: (s) => void set(s.dev.links["Settings"] ?? {}, ["machine"], "ec2") },
  {
    name: "dev: no pane for workers",
    make: (s) => void (s.dev.resources = s.dev.resources.filter((item) => item.type !== "sst:sst:DevCommand")),
  },
]
