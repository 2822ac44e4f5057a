import type { Boot } from "../schema.ts"

/** A machine that was started for whoever comes, as the table knows it. */
export interface Member {
  id: string
  /** What it was started from and which program it was given. */
  imageID: string
  bundle: string
  boot: Boot
  created: number
  state:
    | { type: "free" }
    /** A launcher took it for a session. */
    | { type: "claimed"; sessionID: string; generation: number; at: number }
    /** It ended by itself, before anybody needed it. */
    | { type: "failed"; at: number }
}

/** A machine of the pool that has not ended, as EC2 knows it. */
export interface Seen {
  id: string
  instanceID: string
  state: "pending" | "running" | "stopping" | "stopped"
  launched: number
  /** It bears the name of a session. */
  isTagged: boolean
}

export interface Wanted {
  size: number
  state: "running" | "stopped"
  imageID: string
  bundle: string
}

interface Input {
  members: readonly Member[]
  seen: readonly Seen[]
  wanted: Wanted
  /** Those that were taken for a generation that has not ended. */
  active: ReadonlySet<string>
  bootMs: Record<Boot, number>
  now: number
}

export interface Plan {
  start: number
  /** Stop: they are prepared, and cost their disk only from then on. */
  stop: Seen[]
  /** End them and forget them. */
  retire: Member[]
  /** End what nobody knows. */
  strangers: Seen[]
  /** They ended by themselves; for a while no other is started in their place. */
  fail: Member[]
  forget: Member[]
}

const minute = 60_000
const day = 24 * 60 * minute
/** A machine that was asked for shows by then. */
const showsMs = 5 * minute
const failedMs = 30 * minute
const oldMs = { running: day, stopped: 7 * day }

/** What is due in the pool. Pure: whoever asks again after doing it gets the next step. */
export function plan(input: Input): Plan {
  const { members, seen, wanted, now } = input
  const machines = new Map(seen.map((machine) => [machine.id, machine]))
  const fates = members.map((member) => ({ member, fate: judge(member, machines.get(member.id), input) }))
  const of = (wanted: Fate) => fates.flatMap(({ member, fate }) => (fate === wanted ? [member] : []))
  const fit = of("keep").toSorted((one, other) => other.created - one.created)
  const [kept, surplus] = [fit.slice(0, wanted.size), fit.slice(wanted.size)]
  const known = new Set(members.map(({ id }) => id))
  return {
    start: Math.max(0, wanted.size - kept.length - of("rest").length - of("fail").length),
    stop: kept.flatMap((member) => {
      const machine = machines.get(member.id)
      return wanted.state === "stopped" && machine && isPrepared(member, machine, input) ? [machine] : []
    }),
    retire: [...of("retire"), ...surplus],
    strangers: seen.filter(({ id, isTagged, launched }) => !known.has(id) && !isTagged && now - launched >= showsMs),
    fail: of("fail"),
    forget: of("forget"),
  }
}

/** `lent`: a session has it. `rest`: it failed, and its place stays empty for a while. */
type Fate = "keep" | "lent" | "rest" | "retire" | "fail" | "forget"

function judge(member: Member, machine: Seen | undefined, { wanted, active, now }: Input): Fate {
  const { state } = member
  if (state.type === "failed") {
    // It may show late, after it was given up.
    if (machine && !machine.isTagged) return "retire"
    return now - state.at < failedMs ? "rest" : "forget"
  }
  if (state.type === "claimed") {
    if (!machine) return now - state.at < showsMs ? "lent" : "forget"
    // Whoever took it broke down before it bore the session's name, by which all others would find it.
    return machine.isTagged || active.has(member.id) ? "lent" : "retire"
  }
  if (!machine) return now - member.created < showsMs ? "keep" : "fail"
  const age = machine.state === "stopped" || machine.state === "stopping" ? "stopped" : "running"
  const isOld = now - member.created >= oldMs[age]
  return isOld || member.imageID !== wanted.imageID || member.bundle !== wanted.bundle ? "retire" : "keep"
}

/** One that cannot prepare itself ends itself, and in less time than that. */
const isPrepared = ({ boot }: Member, { state, launched }: Seen, { bootMs, now }: Input) =>
  state === "running" && now - launched >= bootMs[boot]

interface Choice extends Pick<Input, "members" | "seen" | "bootMs" | "now"> {
  /** Of the program that a worker has to be. */
  bundle: string
}

/** Which machines a launcher tries to take, the ones first that have least to do until a worker runs. */
export function candidates({ members, seen, bundle, bootMs, now }: Choice) {
  const free = new Map(members.flatMap((item) => (item.state.type === "free" ? [[item.id, item] as const] : [])))
  const order = { prepared: 0, stopped: 1, starting: 2 }
  return seen
    .flatMap((machine) => {
      const member = free.get(machine.id)
      // One that is stopping cannot be started.
      if (!member || member.bundle !== bundle || machine.isTagged || machine.state === "stopping") return []
      const isReady = now - machine.launched >= bootMs[member.boot]
      const phase = machine.state === "stopped" ? "stopped" : isReady ? "prepared" : "starting"
      return [{ member, machine, phase } as const]
    })
    .toSorted((one, other) => order[one.phase] - order[other.phase] || one.member.created - other.member.created)
}
