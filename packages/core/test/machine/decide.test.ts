import { describe, expect, test } from "vitest"
import { decide, type Decision } from "../../src/machine/decide.ts"
import { policy as policyOf } from "../../src/machine/policy.ts"
import type { Instance } from "../../src/machine/provider.ts"
import type { Info as Machine } from "../../src/machine/schema.ts"
import { blank } from "../../src/session/blank.ts"
import type { Info as Session } from "../../src/session/schema.ts"
import { owner } from "../util.ts"

const minute = 60_000
const now = 1_800_000_000_000
const policy = policyOf(30 * minute)
const id = "ses_01k9zzzzzzzzzzzzzzzzzzzzzz"

const atRest: Session = { ...blank(id, owner), head: 5, time: { created: now - minute, updated: now - minute } }
const asked: Session = { ...atRest, unread: [{ seq: 5, delivery: "steer" }] }
const inTurn: Session = { ...atRest, turnID: "trn_01k9zzzzzzzzzzzzzzzzzzzzzz" }
const joined = (session: Session, generation = 1, since = now - minute): Session => ({
  ...session,
  generation,
  worker: { type: "joined", generation, host: "h", sandbox: "none", since },
})
const left = (session: Session, generation = 1): Session => ({ ...session, generation, worker: { type: "none" } })
const active = (change: Partial<Machine> = {}, since = now - minute, beatAt?: number): Machine => ({
  sessionID: id,
  generation: 1,
  failures: 0,
  state: { type: "active", since, ...(beatAt && { beatAt }) },
  ...change,
})
const ended = (at: number, failures: number, generation = 1): Machine => ({
  ...active({ generation, failures }),
  state: { type: "ended", since: at - minute, at, reason: "exited" },
})

const alive: Instance = { type: "alive" }
const absent: Instance = { type: "absent" }
const exited: Instance = { type: "ended", reason: "exited" }
const host: Instance = { type: "ended", reason: "host" }

/** A worker that was heard of `silentMs` ago, and whose work came `waitingMs` ago. */
const quiet = (waitingMs: number, silentMs = 4 * minute) => ({
  instance: alive,
  session: joined({ ...asked, workSince: now - waitingMs }, 1, now - 20 * minute),
  machine: active({}, now - 21 * minute, now - silentMs),
})

interface Row {
  when: string
  session?: Session
  machine?: Machine
  instance?: Instance
  then: Decision
}

const nothing: Decision = { type: "nothing" }
const lost = (reason: "boot" | "silent" | "exited" | "host", failures: number, generation = 1): Decision => ({
  type: "lost",
  generation,
  reason,
  failures,
})

const rows: Row[] = [
  { when: "there is neither session nor machine", then: nothing },
  { when: "a new session has a message", session: asked, then: { type: "start", generation: 1, failures: 0 } },
  { when: "a session is at rest", session: atRest, then: nothing },
  {
    when: "a session is at rest and its machine ended",
    session: atRest,
    machine: ended(now - minute, 0),
    then: nothing,
  },
  {
    when: "a message comes after the worker left",
    session: left(asked, 3),
    machine: ended(now - minute, 0, 3),
    then: { type: "resume", generation: 4, failures: 0 },
  },
  {
    when: "the machine's record is lost but the log knows better",
    session: left(asked, 3),
    then: { type: "resume", generation: 4, failures: 0 },
  },
  {
    when: "a turn is open and nobody works on it",
    session: left(inTurn),
    machine: ended(now, 1),
    then: { type: "resume", generation: 2, failures: 1 },
  },
  {
    when: "generations fail in a row",
    session: left(asked),
    machine: ended(now - 100, 3),
    then: { type: "wait", reason: "backoff", until: now - 100 + 4_000 },
  },
  {
    when: "the pause after failures is over",
    session: left(asked),
    machine: ended(now - 4_000, 3),
    then: { type: "resume", generation: 2, failures: 3 },
  },
  { when: "too many fail in a row", session: left(asked), machine: ended(now, 5), then: { type: "fail", failures: 5 } },
  {
    when: "somebody is about to say that the session failed",
    session: left(asked),
    machine: ended(now, 6),
    then: { type: "wait", reason: "backoff", until: now + minute },
  },
  {
    when: "who was about to say so broke down",
    session: left(asked),
    machine: ended(now - minute, 6),
    then: { type: "resume", generation: 2, failures: 0 },
  },
  {
    when: "a generation was ended but the log has not been told",
    session: joined(asked),
    machine: ended(now, 1),
    then: lost("host", 1),
  },
  {
    when: "a machine was asked for and is not there yet",
    session: asked,
    machine: active(),
    instance: absent,
    then: { type: "wait", reason: "boot", until: now + 4 * minute },
  },
  {
    when: "a machine boots",
    session: asked,
    machine: active(),
    instance: alive,
    then: { type: "wait", reason: "boot", until: now + 4 * minute },
  },
  {
    when: "a boot takes too long",
    session: asked,
    machine: active({}, now - 5 * minute),
    instance: alive,
    then: lost("boot", 1),
  },
  {
    when: "what is on no image takes long to install",
    session: asked,
    machine: active({ boot: "install" }, now - 19 * minute),
    instance: alive,
    then: { type: "wait", reason: "boot", until: now + minute },
  },
  {
    when: "nobody wrote down yet that a machine has to be installed",
    session: asked,
    machine: active({}, now - 19 * minute),
    instance: { type: "alive", instanceID: "i-1", boot: "install" },
    then: { type: "wait", reason: "boot", until: now + minute },
  },
  {
    when: "an installation takes too long, again",
    session: asked,
    machine: active({ boot: "install", failures: 3 }, now - 20 * minute),
    instance: alive,
    then: lost("boot", 4),
  },
  {
    when: "a machine gives up after a long installation, again",
    session: asked,
    machine: active({ boot: "install", failures: 3 }, now - 15 * minute),
    instance: exited,
    then: lost("exited", 4),
  },
  {
    when: "a machine was taken and nobody told it to go on",
    session: asked,
    machine: active(),
    instance: { type: "asleep", instanceID: "i-1", boot: "image" },
    then: { type: "wake", generation: 1 },
  },
  {
    when: "a machine that was taken does not wake",
    session: asked,
    machine: active({}, now - 5 * minute),
    instance: { type: "asleep", instanceID: "i-1", boot: "image" },
    then: lost("boot", 1),
  },
  {
    when: "a worker's machine was stopped from outside",
    session: joined(inTurn),
    machine: active(),
    instance: { type: "asleep", instanceID: "i-1", boot: "image" },
    then: lost("host", 0),
  },
  {
    when: "a machine ends while it boots",
    session: asked,
    machine: active(),
    instance: exited,
    then: lost("exited", 1),
  },
  {
    when: "a worker works",
    session: joined(inTurn),
    machine: active({}, now - minute, now - 5_000),
    instance: alive,
    then: nothing,
  },
  {
    when: "a worker joined just now and has yet to beat",
    session: joined(inTurn),
    machine: active(),
    instance: alive,
    then: nothing,
  },
  {
    when: "a worker is silent",
    session: joined(inTurn, 1, now - 5 * minute),
    machine: active({}, now - 6 * minute, now - 90_000),
    instance: alive,
    then: lost("silent", 1),
  },
  {
    when: "a worker without work was heard of some minutes ago",
    session: joined(atRest, 1, now - 20 * minute),
    machine: active({}, now - 21 * minute, now - 11 * minute),
    instance: alive,
    then: nothing,
  },
  {
    when: "a worker without work is silent",
    session: joined(atRest, 1, now - 20 * minute),
    machine: active({}, now - 21 * minute, now - 12 * minute),
    instance: alive,
    then: lost("silent", 0),
  },
  {
    when: "work came just now to a worker that says little",
    ...quiet(20_000),
    then: nothing,
  },
  {
    when: "a worker shows no sign of having heard of its work",
    ...quiet(30_000),
    then: { type: "nudge", generation: 1 },
  },
  {
    when: "a worker was heard of since its work came",
    ...quiet(80_000, 60_000),
    then: nothing,
  },
  {
    when: "a worker is silent since its work came",
    ...quiet(90_000),
    then: lost("silent", 1),
  },
  {
    when: "a worker's process ended",
    session: joined(inTurn),
    machine: active(),
    instance: exited,
    then: lost("exited", 1),
  },
  {
    when: "a worker's machine is nowhere",
    session: joined(inTurn),
    machine: active(),
    instance: absent,
    then: lost("host", 0),
  },
  {
    when: "the host was restarted",
    session: joined(inTurn),
    machine: active({ failures: 2 }),
    instance: host,
    then: lost("host", 2),
  },
  {
    when: "a generation fails in the turn that the one before failed in",
    session: joined(inTurn),
    machine: active({ failures: 2, ...(inTurn.turnID && { turnID: inTurn.turnID }) }),
    instance: exited,
    then: lost("exited", 3),
  },
  {
    when: "a generation fails in a later turn",
    session: joined(inTurn),
    machine: active({ failures: 2, turnID: "trn_01k9yyyyyyyyyyyyyyyyyyyyyy" }),
    instance: exited,
    then: lost("exited", 1),
  },
  {
    when: "a generation fails in the same turn after a long time",
    session: joined(inTurn),
    machine: active({ failures: 2, ...(inTurn.turnID && { turnID: inTurn.turnID }) }, now - 11 * minute, now - 1_000),
    instance: exited,
    then: lost("exited", 1),
  },
  {
    when: "an idle worker's process ended",
    session: joined(atRest),
    machine: active({ failures: 2 }),
    instance: exited,
    then: lost("exited", 0),
  },
  {
    when: "a worker left",
    session: left(atRest),
    machine: active(),
    instance: alive,
    then: { type: "terminate", generation: 1, reason: "left" },
  },
  {
    when: "a worker left and its process ended",
    session: left(atRest),
    machine: active(),
    instance: exited,
    then: { type: "terminate", generation: 1, reason: "left" },
  },
  {
    when: "a message comes while the worker is leaving",
    session: left(asked),
    machine: active({ failures: 2 }),
    instance: alive,
    then: { type: "replace", generation: 2, failures: 0 },
  },
  {
    when: "the session was deleted",
    machine: active(),
    instance: alive,
    then: { type: "terminate", generation: 1, reason: "removed" },
  },
  {
    when: "a worker idles for less than it may",
    session: { ...joined(atRest), time: { created: 0, updated: now - 31 * minute } },
    machine: active({}, now - 40 * minute, now - 1_000),
    instance: alive,
    then: nothing,
  },
  {
    when: "a worker stays though it has nothing to do",
    session: { ...joined(atRest), time: { created: 0, updated: now - 32 * minute } },
    machine: active({}, now - 40 * minute, now - 1_000),
    instance: alive,
    then: { type: "stop", generation: 1 },
  },
]

describe("the lifecycle", () => {
  test.each(rows)("when $when: $then.type", ({ session, machine, instance = absent, then }) => {
    expect(decide({ session, machine, instance, now, policy })).toEqual(then)
  })
})
