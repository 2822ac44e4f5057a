export * as Keep from "./keep.ts"
import type { Machine, Provider } from "../provider.ts"
import { tidy } from "./collect.ts"
import { create as machines } from "./index.ts"
import * as Waiting from "./pool.ts"

/** The same with what only the sweeper does: it looks after the pool, images, and what nobody needs. */
export const create = (): Provider => ({ ...machines(), tend })

/** Minutes between two looks at what costs little for as long. */
const tidyMinutes = 10

async function tend(isActive: (machine: Machine) => Promise<boolean>, now: number) {
  const isDue = Math.floor(now / 60_000) % tidyMinutes === 0
  const done = await Promise.allSettled([Waiting.tend(isActive, now), ...(isDue ? [tidy(now)] : [])])
  const failures = done.flatMap((item) => (item.status === "rejected" ? [item.reason] : []))
  if (failures.length > 0) throw new AggregateError(failures, "EC2 could not be looked after")
}
