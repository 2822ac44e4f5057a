import { Machine } from "@remote-swe/core/machine"
import { Ec2 } from "@remote-swe/core/machine/ec2"
import { Resource } from "sst"
import { deliverers } from "../deliverer.ts"
import { create } from "./sweep.ts"

export const handler = create(
  { provider: Ec2.create(), policy: Machine.policy(Resource.Settings.idleMs) },
  await deliverers(),
)
