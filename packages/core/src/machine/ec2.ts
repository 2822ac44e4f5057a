export * as Ec2 from "./ec2.ts"
import {
  DescribeInstancesCommand,
  EC2Client,
  type Instance as Described,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import type { Claim, Instance, Machine, Provider, Start } from "./provider.ts"

/** Machines on EC2, as this stage's launch template has them. */
export const create = (): Provider => ({ start, describe, terminate, list })

const client = new EC2Client()

const sessionTag = "remote-swe:session"
const generationTag = "remote-swe:generation"
const living = ["pending", "running", "stopping", "stopped"]

/** There is no such machine to be had here and now; another type or zone may have one. */
const scarce = ["InsufficientInstanceCapacity", "Unsupported", "SpotMaxPriceTooLow", "InsufficientHostCapacity"]

async function start(request: Start) {
  const { instanceTypes, subnetIDs } = Resource.Worker
  // Sessions spread over the zones.
  const first = request.generation % subnetIDs.length
  const places = [...subnetIDs.slice(first), ...subnetIDs.slice(0, first)]
  const offers = instanceTypes.flatMap((type) => places.map((subnet) => ({ type, subnet })))
  let refusal: unknown
  for (const [index, offer] of offers.entries()) {
    const instanceID = await run(request, { ...offer, index }).catch((error: unknown) => {
      if (!(error instanceof Error) || !scarce.includes(error.name)) throw error
      refusal = error
    })
    if (instanceID) return instanceID
  }
  throw new Error(`EC2 has none of ${instanceTypes.join(", ")} at the moment`, { cause: refusal })
}

async function run(request: Start, offer: { type: string; subnet: string; index: number }) {
  const { templateID, templateVersion } = Resource.Worker
  const tags = [...stageTags(), ...machineTags(request)]
  const script = boot(request, await client.config.region())
  const { Instances = [] } = await client.send(
    new RunInstancesCommand({
      // The same question gets the same machine. 64 characters at most.
      ClientToken: `${request.sessionID}-${request.generation}-${offer.index}`,
      LaunchTemplate: { LaunchTemplateId: templateID, Version: templateVersion },
      InstanceType: offer.type as Described["InstanceType"],
      SubnetId: offer.subnet,
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(script).toString("base64"),
      TagSpecifications: [
        { ResourceType: "instance", Tags: tags },
        { ResourceType: "volume", Tags: tags },
      ],
    }),
  )
  const instanceID = Instances[0]?.InstanceId
  if (!instanceID) throw new Error("EC2 started a machine and did not say which")
  return instanceID
}

/**
 * The machine's own unit does the rest. Nothing of it is secret: the worker proves what it is with the
 * machine's role. A machine that cannot start a worker ends itself, which ends what it costs.
 */
const boot = ({ sessionID, generation }: Start, region: string) => `#!/bin/sh
umask 077
mkdir -p /etc/remote-swe
cat >/etc/remote-swe/worker.env <<'END'
AWS_REGION=${region}
REMOTE_SWE_API_URL=${Resource.Settings.apiURL}
REMOTE_SWE_SESSION_ID=${sessionID}
REMOTE_SWE_GENERATION=${generation}
REMOTE_SWE_LOG_GROUP=${Resource.Worker.logGroup}
END
systemctl start remote-swe-worker.service || shutdown -h now
`

async function describe(claim: Claim): Promise<Instance> {
  const found = await client.send(
    new DescribeInstancesCommand({ Filters: filters([...stageTags(), ...machineTags(claim)]) }),
  )
  const instances = (found.Reservations ?? []).flatMap((item) => item.Instances ?? [])
  const alive = instances.find(isAlive)
  if (alive) return { type: "alive", instanceID: alive.InstanceId }
  const [ended] = instances
  if (!ended) return { type: "absent" }
  // `Server.…`: EC2's doing, such as a Spot machine that was taken back.
  return { type: "ended", reason: ended.StateReason?.Code?.startsWith("Server.") ? "host" : "exited" }
}

async function terminate(machine: Machine) {
  const found = await select([...stageTags(), ...machineTags(machine)])
  const InstanceIds = found.flatMap((item) => item.InstanceId ?? [])
  if (InstanceIds.length > 0) await client.send(new TerminateInstancesCommand({ InstanceIds }))
}

async function list() {
  const found = await select(stageTags())
  return found.flatMap(({ Tags = [] }) => {
    const value = (name: string) => Tags.find((item) => item.Key === name)?.Value
    const sessionID = value(sessionTag)
    return sessionID ? [{ sessionID, generation: Number(value(generationTag)) }] : []
  })
}

interface Tag {
  Key: string
  Value: string
}

/** Those that have not ended. */
async function select(tags: Tag[]) {
  const Filters = [...filters(tags), { Name: "instance-state-name", Values: living }]
  const instances: Described[] = []
  for await (const page of paginateDescribeInstances({ client }, { Filters }))
    instances.push(...(page.Reservations ?? []).flatMap((item) => item.Instances ?? []))
  return instances
}

const isAlive = ({ State }: Described) => State?.Name === "pending" || State?.Name === "running"

const filters = (tags: Tag[]) => tags.map(({ Key, Value }) => ({ Name: `tag:${Key}`, Values: [Value] }))

/** SST's own, so that a machine belongs to its stage as all else does. */
const stageTags = (): Tag[] => [
  { Key: "sst:app", Value: Resource.App.name },
  { Key: "sst:stage", Value: Resource.App.stage },
]

const machineTags = ({ sessionID, generation }: Machine): Tag[] => [
  { Key: sessionTag, Value: sessionID },
  { Key: generationTag, Value: String(generation) },
]
