import {
  type _InstanceType as InstanceType,
  type Instance as Described,
  type InstanceMarketOptionsRequest,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import { VisibleError } from "../../error.ts"
import type { Choice } from "../image.ts"
import type { Started } from "../provider.ts"
import { bootOf, bootTag, client, filters, select, stageTags, type Tag } from "./client.ts"

/** What is asked of EC2, apart from where and as what. */
export interface Wish {
  /** What was asked with the same name is not asked twice. 56 characters at most. */
  name: string
  tags: readonly Tag[]
  userData: string
  choice: Choice
  market: "spot" | "on-demand"
  /** Where to begin, so that machines spread over the zones. */
  turn: number
}

/** There is no such machine to be had here and now; another type, zone or market may have one. */
const scarce = [
  "InsufficientInstanceCapacity",
  "InsufficientHostCapacity",
  "MaxSpotInstanceCountExceeded",
  "SpotMaxPriceTooLow",
  "Unsupported",
]
export const isScarce = (error: unknown) => error instanceof Error && scarce.includes(error.name)

/**
 * Starts one machine: of the first type, in the first zone, at the first market that has one. Nothing where it
 * was started before and EC2 does not show it yet.
 */
export async function run(wish: Wish): Promise<Started | undefined> {
  let refusal: unknown
  for (const offer of offers(wish)) {
    const answer = await ask(wish, offer).catch((error: unknown) => {
      if (!isScarce(error)) throw error
      refusal = error
    })
    if (answer) return started(answer)
  }
  const types = Resource.Worker.instanceTypes.join(", ")
  throw new VisibleError("limit", "machine.scarce", `EC2 has none of ${types} at the moment`, { cause: refusal })
}

type Offer = ReturnType<typeof offers>[number]

function offers({ market, turn }: Wish) {
  const { instanceTypes, subnetIDs, spotFallback } = Resource.Worker
  const first = turn % subnetIDs.length
  const places = [...subnetIDs.slice(first), ...subnetIDs.slice(0, first)]
  const markets = market === "spot" && spotFallback ? (["spot", "on-demand"] as const) : [market]
  return markets
    .flatMap((market) => instanceTypes.flatMap((type) => places.map((subnet) => ({ market, type, subnet }))))
    .map((offer, index) => ({ ...offer, index }))
}

const spot: InstanceMarketOptionsRequest = {
  MarketType: "spot",
  SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" },
}

async function ask({ name, tags, userData, choice }: Wish, { market, type, subnet, index }: Offer) {
  const { templateID, templateVersion } = Resource.Worker
  const Tags = [...stageTags(), { Key: bootTag, Value: choice.boot }, ...tags]
  const kinds = ["instance", "volume", ...(market === "spot" ? ["spot-instances-request"] : [])] as const
  const command = new RunInstancesCommand({
    // The same question gets the same machine.
    ClientToken: `${name}-${index}`,
    LaunchTemplate: { LaunchTemplateId: templateID, Version: templateVersion },
    ImageId: choice.imageID,
    InstanceType: type as InstanceType,
    SubnetId: subnet,
    MinCount: 1,
    MaxCount: 1,
    UserData: Buffer.from(userData).toString("base64"),
    ...(market === "spot" && { InstanceMarketOptions: spot }),
    TagSpecifications: kinds.map((ResourceType) => ({ ResourceType: ResourceType as "instance", Tags })),
  })
  const { Instances = [] } = await client.send(command).catch((error: unknown) => before(error, tags))
  return Instances
}

/**
 * Who asks the same in other words, such as with an address that somebody else signed, is told so. So the machine
 * was started before, and its tags say which it is.
 */
async function before(error: unknown, tags: readonly Tag[]) {
  if (!(error instanceof Error) || error.name !== "IdempotentParameterMismatch") throw error
  return { Instances: await select(filters([...stageTags(), ...tags])) }
}

function started([instance]: readonly Described[]): Started | undefined {
  return instance?.InstanceId ? { instanceID: instance.InstanceId, boot: bootOf(instance) } : undefined
}
