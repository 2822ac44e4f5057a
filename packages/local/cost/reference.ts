import { usd } from "./price.ts"

/**
 * What aws-samples/remote-swe-agents publishes as the cost of a session (its README, "Cost", as it stood in
 * 2026): estimates of its authors, for 100 sessions a month. Amounts are theirs; dollars are computed from
 * them with the prices that we take for ourselves.
 */
export const source = "https://github.com/aws-samples/remote-swe-agents#cost"

const diskGBHours = 30 * 24
const invocations = 30
const gigabyteSeconds = invocations * 1 * 0.125

export const published = {
  /** 1 hour of a t3.large. */
  machine: { amount: 1, usd: usd("machine", 1) },
  /** 30 GB for a day: its machines stop, and keep their disks. */
  disk: { amount: diskGBHours, usd: usd("disk", diskGBHours) },
  reads: { amount: 1_000, usd: usd("read", 1_000) },
  writes: { amount: 200, usd: usd("write", 200) },
  /** 2 MB for a month. */
  table: { amount: 2, usd: usd("table", 0.002) },
  /** 20 events and an hour of connection of AppSync Events. */
  messages: { amount: 20, usd: usd("event", 20) },
  connections: { amount: 60, usd: usd("listening", 60) },
  invocations: { amount: invocations, usd: usd("invocation", invocations) },
  /** 128 MB, 1 s each. */
  duration: { amount: gigabyteSeconds, usd: usd("duration", gigabyteSeconds) },
  /** API Gateway. */
  requests: { amount: 20, usd: usd("gateway", 20) },
} as const
