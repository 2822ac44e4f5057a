import { deliverers } from "../deliverer.ts"
import { create } from "./deliver.ts"

export const handler = create(await deliverers())
