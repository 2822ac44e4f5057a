import { Machine } from "@remote-swe/core/machine"
import { Keep } from "@remote-swe/core/machine/ec2/keep"
import { Resource } from "sst"
import { deliverers } from "../deliverer.ts"
import { create } from "./sweep.ts"

export const handler = create(
  { provider: Keep.create(), policy: Machine.policy(Resource.Settings.idleMs) },
  await deliverers(),
)
