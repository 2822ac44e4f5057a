import { Fold } from "../session/fold.ts"
import type { Info as Session } from "../session/schema.ts"
import type { Instance } from "./provider.ts"
import type { Boot, End, Info as Machine } from "./schema.ts"

export type Decision =
  | { type: "nothing" }
  | { type: "wait"; reason: "boot" | "backoff"; until: number }
  /** `start`: the first generation. `resume`: there were others. `replace`: the one before may still be ending. */
  | { type: "start" | "resume" | "replace"; generation: number; failures: number }
  /** There is something to do, and no sign that the worker has heard of it. */
  | { type: "nudge"; generation: number }
  /** Its machine was taken, and nobody told it to go on. */
  | { type: "wake"; generation: number }
  /** Ask the worker to save its work and leave. */
  | { type: "stop"; generation: number }
  /** Nobody needs the machine any more. */
  | { type: "terminate"; generation: number; reason: Extract<End, "left" | "removed"> }
  | { type: "lost"; generation: number; reason: Exclude<End, "left" | "removed">; failures: number }
  /** Generation after generation broke down: say so instead of trying for ever. */
  | { type: "fail"; failures: number }

/** Milliseconds, except for `maxFailures`. */
export interface Policy {
  /** From claim to `joined`. */
  bootMs: Record<Boot, number>
  /** A worker that was silent for so long is lost. One without work says little. */
  silenceMs: { busy: number; idle: number }
  /** A worker that has work says so that often. */
  beatMs: number
  /** How long a worker that has nothing to do may stay. */
  lingerMs: number
  maxFailures: number
  /** A worker that lived so long was not part of a crash loop. */
  stableMs: number
  /** The pause after so many failures in a row. */
  backoffMs(failures: number): number
}

interface Input {
  session: Session | undefined
  machine: Machine | undefined
  instance: Instance
  now: number
  policy: Policy
}

/** What to do about a session's machine. Pure: whoever asks again after doing it gets the next step. */
export function decide(input: Input): Decision {
  const { machine } = input
  if (machine?.state.type === "active") return active({ ...input, machine, since: machine.state.since })
  return inactive(input)
}

function inactive({ session, machine, now, policy }: Input): Decision {
  if (!session) return { type: "nothing" }
  const failures = machine?.failures ?? 0
  // Whoever ended the generation got no further than that: its end has yet to be written down.
  if (session.worker.type === "joined")
    return { type: "lost", generation: session.worker.generation, reason: "host", failures }
  if (!Fold.needsWork(session)) return { type: "nothing" }
  if (failures === policy.maxFailures) return { type: "fail", failures }
  const until = machine?.state.type === "ended" ? machine.state.at + policy.backoffMs(failures) : now
  if (now < until) return { type: "wait", reason: "backoff", until }
  const last = Math.max(machine?.generation ?? 0, session.generation)
  // More than the most: whoever was giving up broke down as well, so the row begins anew.
  const row = failures > policy.maxFailures ? 0 : failures
  return { type: last === 0 ? "start" : "resume", generation: last + 1, failures: row }
}

type Active = Input & { machine: Machine; since: number }

function active(input: Active): Decision {
  const { session, machine, instance, now, policy, since } = input
  const { generation } = machine
  if (!session) return { type: "terminate", generation, reason: "removed" }

  const has = { joined: session.generation >= generation, left: session.worker.type === "none" }
  if (has.joined && has.left) {
    if (Fold.needsWork(session)) return { type: "replace", generation: generation + 1, failures: 0 }
    return { type: "terminate", generation, reason: "left" }
  }
  if (instance.type === "ended") return lost(input, instance.reason)
  if (!has.joined) {
    const started = instance.type === "absent" ? undefined : instance.boot
    const until = since + policy.bootMs[machine.boot ?? started ?? "image"]
    if (now >= until) return lost(input, "boot")
    return instance.type === "asleep" ? { type: "wake", generation } : { type: "wait", reason: "boot", until }
  }
  // It was there, so by now no description lags behind.
  if (instance.type === "absent" || instance.type === "asleep") return lost(input, "host")
  const seen = lastSeen(session, machine)
  if (Fold.needsWork(session)) {
    // Until the work came, nothing was to be heard.
    const { workSince = 0 } = session
    if (now - Math.max(seen, workSince) >= policy.silenceMs.busy) return lost(input, "silent")
    return seen < workSince && now - workSince >= policy.beatMs ? { type: "nudge", generation } : { type: "nothing" }
  }
  if (now - seen >= policy.silenceMs.idle) return lost(input, "silent")
  return now - session.time.updated >= policy.lingerMs ? { type: "stop", generation } : { type: "nothing" }
}

function lastSeen(session: Session, machine: Machine) {
  const beat = machine.state.type === "active" ? (machine.state.beatAt ?? 0) : 0
  return Math.max(beat, session.worker.type === "joined" ? session.worker.since : 0)
}

function lost({ session, machine, now, policy, since }: Active, reason: Exclude<End, "left" | "removed">): Decision {
  return { type: "lost", generation: machine.generation, reason, failures: count() }

  /** One more in the row, unless this generation got somewhere or wasn't at fault. */
  function count() {
    if (!session || !Fold.needsWork(session)) return 0
    if (reason === "host") return machine.failures
    const further = session.turnID !== machine.turnID
    // One that never joined has lived for nothing, however long it took.
    const stable = session.generation >= machine.generation && now - since >= policy.stableMs
    return further || stable ? 1 : machine.failures + 1
  }
}
