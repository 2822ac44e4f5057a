import { type Counts, plus } from "./counts.ts"
import type { Measured } from "./measure.ts"
import { usd } from "./price.ts"
import { published } from "./reference.ts"
import type { IdleName, RowName } from "./words.ts"

/** One line of the table: what one session takes, here and in the reference system. */
export interface Row {
  name: RowName
  ours: number
  usd: number
  /** Absent where its table has no such line. */
  theirs?: { amount: number; usd: number }
}

/** What the local system cannot show. Durations in seconds. */
export const assumed = {
  /** Until EC2 has answered that a machine starts, and to look at one. */
  launcher: 2,
  sweeper: 0.5,
  authoriser: 0.05,
  /** An exchange of a machine's proof for its token: STS is asked. */
  proof: 0.3,
  /** How often a queue's trigger asks for messages: five of them, for 20 seconds each. */
  pollsPerMinute: 15,
  /** Lambda's own lines on each invocation. */
  linesBytes: 400,
} as const

/**
 * What only a machine, and only a person who signs in, does besides, read off the code: the launcher notes
 * the machine's id (2 writes, one for the index), the machine proves itself once (reads of machine, session
 * and log; 2 writes), and each request to the dashboard reads who signed in (up to 8 KB).
 */
export const besides = { requests: 1, reads: 3, writes: 4, readsPerPage: 2 } as const

/** GB of memory that the functions have, as infra says. */
export const memory = { api: 1, pages: 1, launcher: 0.5, sweeper: 0.5, authoriser: 0.25 } as const

/** Of the default configuration. */
const diskGB = 50

const hour = 3_600
const GB = 1e9
const MB = 1e6
const monthMinutes = 730 * 60

/**
 * A session that keeps its machine for an hour: the work, the end, and waiting in between. What the
 * installation takes anyway is left out, as it is the same for any number of sessions.
 */
export function session({ work, wait, leave, nothing }: Measured): Counts {
  const waiting = Math.max(0, hour - work.seconds - leave.seconds)
  const whole = plus(plus(work, leave), wait, waiting / wait.seconds)
  return { ...plus(whole, nothing, -hour / nothing.seconds), seconds: hour }
}

export function rows(measured: Measured): Row[] {
  const used = session(measured)
  const reads = used.reads + besides.reads + besides.readsPerPage * used.pages
  const writes = used.writes + besides.writes
  const api = used.api + besides.requests
  const invocations = api + used.pages + used.queued + used.authorised
  const duration =
    ((used.api * measured.ms.api) / 1000 + besides.requests * assumed.proof) * memory.api +
    ((used.pages * measured.ms.pages) / 1000) * memory.pages +
    used.queued * assumed.launcher * memory.launcher +
    used.authorised * assumed.authoriser * memory.authoriser
  const requests = api + used.pages + used.files
  const logs = (used.logged + invocations * assumed.linesBytes) / GB
  // The trigger takes each message and deletes it.
  const queue = 3 * used.queued
  const table = measured.table / GB
  const bucket = measured.bucket / GB
  const minutes = used.connected / 60

  return [
    row("machine", 1, usd("machine", 1), published.machine),
    row("disk", diskGB, usd("disk", diskGB), published.disk),
    row("address", 1, usd("address", 1)),
    row("reads", reads, usd("read", reads), published.reads),
    row("writes", writes, usd("write", writes), published.writes),
    row("table", measured.table / MB, usd("table", table) + usd("recovery", table), published.table),
    row("messages", used.messages, usd("message", used.messages), published.messages),
    row("connections", minutes, usd("connection", minutes), published.connections),
    row("invocations", invocations, usd("invocation", invocations), published.invocations),
    row("duration", duration, usd("duration", duration), published.duration),
    row(
      "requests",
      requests,
      usd("request", requests) + usd("edge", requests) + usd("inspection", requests),
      published.requests,
    ),
    row("out", (used.sent + used.received) / MB, usd("out", (used.sent + used.received) / GB)),
    row("objects", used.puts + used.gets, usd("put", used.puts) + usd("get", used.gets)),
    row("bucket", measured.bucket / MB, usd("bucket", bucket)),
    row("queue", queue, usd("queue", queue)),
    row("logs", logs * 1e6, usd("log", logs)),
  ]
}

function row(name: RowName, ours: number, usd: number, theirs?: Row["theirs"]): Row {
  return { name, ours, usd, ...(theirs && { theirs }) }
}

/** What an installation takes in a month in which nobody uses it. */
export function idle({ nothing }: Measured) {
  const perMonth = (monthMinutes * 60) / nothing.seconds
  const reads = nothing.reads * perMonth
  const duration = monthMinutes * assumed.sweeper * memory.sweeper
  const polls = monthMinutes * assumed.pollsPerMinute
  const logs = ((nothing.logged / nothing.seconds) * 60 + assumed.linesBytes) * (monthMinutes / GB)
  return [
    item("sweeper", monthMinutes, usd("invocation", monthMinutes) + usd("duration", duration)),
    item("looks", reads, usd("read", reads)),
    item("polls", polls, usd("queue", polls)),
    item("lines", logs * 1e3, usd("log", logs)),
    item("alarms", alarmMetrics, usd("alarm", alarmMetrics)),
    item("person", 1, usd("person", 1)),
    item("firewall", 1 + firewallRules, usd("firewall", 1) + usd("rule", firewallRules)),
    item("panel", 1, usd("panel", 1)),
  ]
}

/** Three alarms on one metric each, and one on the errors of the functions. */
const alarmMetrics = 3 + 5
const firewallRules = 3

const item = (name: IdleName, amount: number, usd: number) => ({ name, amount, usd })
