import { heartbeatMs, silenceMs } from "../protocol/schema.ts"
import type { Policy } from "./decide.ts"

const minute = 60_000

/** Packages and tools come from the internet first where they are not in the image. */
export const bootMs = { image: 5 * minute, install: 20 * minute }

/** What the launcher goes by. `idleMs`: after so long without work a worker leaves by itself. */
export const policy = (idleMs: number): Policy => ({
  bootMs,
  silenceMs,
  beatMs: heartbeatMs.busy,
  lingerMs: idleMs + 2 * minute,
  maxFailures: 5,
  stableMs: 10 * minute,
  backoffMs: (failures) => (failures < 2 ? 0 : Math.min(1_000 * 4 ** (failures - 2), minute)),
})
