/** What was used in some stretch of time: things that AWS charges for, in its units, and what explains them. */
export interface Counts {
  seconds: number
  /** DynamoDB request units. */
  reads: number
  writes: number
  /** Requests to the bucket: PUT, COPY, POST and LIST; GET and all others. Deleting is free. */
  puts: number
  gets: number
  /** Messages that were sent to a queue. */
  queued: number
  /** IoT's messages of 5 KB, in and out. */
  messages: number
  /** Seconds that connections to the broker were open. */
  connected: number
  /** Calls of the broker's authoriser. */
  authorised: number
  /** Requests to the API and to the dashboard's server. */
  api: number
  pages: number
  /** Requests for the dashboard's files, which no function answers. */
  files: number
  /** Bytes to browsers and workers, and from workers. */
  sent: number
  received: number
  /** Bytes that functions logged. */
  logged: number
}

export const zero: Counts = {
  seconds: 0,
  reads: 0,
  writes: 0,
  puts: 0,
  gets: 0,
  queued: 0,
  messages: 0,
  connected: 0,
  authorised: 0,
  api: 0,
  pages: 0,
  files: 0,
  sent: 0,
  received: 0,
  logged: 0,
}

const names = Object.keys(zero) as (keyof Counts)[]

/** `a + factor × b`, in every count. */
export function plus(a: Counts, b: Counts, factor = 1): Counts {
  const sum = { ...a }
  for (const name of names) sum[name] += factor * b[name]
  return sum
}
