import { expect } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import type { Body, Read } from "../../src/log/schema.ts"
import { decide, type Decision } from "../../src/machine/decide.ts"
import { policy as policyOf } from "../../src/machine/policy.ts"
import type { Instance } from "../../src/machine/provider.ts"
import type { Boot, Info as Machine } from "../../src/machine/schema.ts"
import { blank } from "../../src/session/blank.ts"
import { Fold } from "../../src/session/fold.ts"
import type { Info as Session } from "../../src/session/schema.ts"
import { eventID, joined, note, owner, system } from "../util.ts"

/**
 * A model of one session with its log, its machine's record, and machines that are asked for, come late or never,
 * sleep, boot, work, hang, die and are taken back. Launchers act on decisions of long ago and break down half-way;
 * the clock jumps. The real `decide` and `Fold` run.
 */

const minute = 60_000
export const policy = policyOf(30 * minute)
const start = 1_800_000_000_000
const id = Identifier.create("session")
/** As `launch` has it. */
const rounds = 6

/** What EC2 makes of a question: a machine now, one from the pool, one that comes later, or none. */
export const fates = ["now", "pool", "late", "none"] as const
export type Fate = (typeof fates)[number]

interface Process {
  generation: number
  state: "asleep" | "booting" | "joined" | "dead"
  /** Descriptions lag behind. */
  isShown: boolean
  boot: Boot
  end: "exited" | "host"
}

export interface Acting {
  decision: Decision
  before: Machine | undefined
  session: Session | undefined
}

export function world() {
  let info: Session | undefined = { ...blank(id, owner), time: { created: start, updated: start } }
  let machine: Machine | undefined
  let now = start
  let latest = start
  const processes: Process[] = []
  const coming: Process[] = []
  const claims: number[] = []

  function append(body: Body) {
    if (info) info = Fold.apply(info, { ...body, sessionID: id, seq: info.head + 1, at: now, actor: system } as Read)
  }

  const isCurrent = ({ generation }: Pick<Process, "generation">) =>
    machine?.generation === generation && machine.state.type === "active"

  function instance(): Instance {
    const found = processes.find((item) => item.generation === machine?.generation && item.isShown)
    if (!found) return { type: "absent" }
    const started = { instanceID: "i-1", boot: found.boot }
    if (found.state === "dead") return { type: "ended", reason: found.end }
    return found.state === "asleep" ? { type: "asleep", ...started } : { type: "alive", ...started }
  }

  /** What the API lets through: a live token, and the worker that the log knows (or the next one, to join). */
  const mayWrite = (process: Process) =>
    info !== undefined && process.state !== "dead" && process.state !== "asleep" && isCurrent(process)
  const mayJoin = (process: Process) => mayWrite(process) && process.generation > (info?.generation ?? 0)
  const mayWork = (process: Process) =>
    mayWrite(process) && info?.worker.type === "joined" && info.worker.generation === process.generation

  function look(): Acting {
    return {
      decision: decide({ session: info, machine, instance: instance(), now, policy }),
      before: machine,
      session: info,
    }
  }

  const isBefore = (before: Machine | undefined) => machine?.generation === before?.generation

  function end(generation: number, failures: number, reason: "left" | "exited" | "start") {
    if (!machine || !isCurrent({ generation })) return
    const { since } = machine.state
    machine = { ...machine, failures, state: { type: "ended", since, at: now, reason } }
  }

  function kill(generation: number) {
    for (const item of processes) if (item.generation === generation) item.state = "dead"
  }

  /** What a launcher does for a decision, step by step: it may break down after each. */
  function stepsOf({ decision, before, session }: Acting, fate: Fate, boot: Boot): (() => unknown)[] {
    switch (decision.type) {
      case "start":
      case "resume":
      case "replace":
        return [
          ...(decision.type === "replace" ? [() => kill(decision.generation - 1)] : []),
          ...startingSteps(decision, before, session?.turnID, fate, boot),
        ]
      case "wake":
        return [
          () => {
            for (const item of processes)
              if (item.generation === decision.generation && item.state === "asleep") item.state = "booting"
          },
        ]
      case "terminate":
        return [
          () => kill(decision.generation),
          () => (decision.reason === "removed" ? (machine = undefined) : end(decision.generation, 0, "left")),
        ]
      case "stop":
        return [() => kill(decision.generation)]
      case "lost":
        return [
          () => end(decision.generation, decision.failures, "exited"),
          () => kill(decision.generation),
          () => {
            if (info?.worker.type === "joined" && info.worker.generation === decision.generation)
              append({ id: eventID(), kind: "left", generation: decision.generation, reason: "lost" })
          },
        ]
      case "fail":
        return failingSteps(decision.failures, before, session)
      case "nothing":
      case "nudge":
      case "wait":
        return []
    }
  }

  function startingSteps(
    { generation, failures }: { generation: number; failures: number },
    before: Machine | undefined,
    turnID: string | undefined,
    fate: Fate,
    boot: Boot,
  ) {
    let claimed = false
    const process: Process = { generation, state: "booting", isShown: fate === "pool", boot, end: "exited" }
    const claim = () => {
      if (!isBefore(before)) return
      claimed = true
      claims.push(generation)
      const state = { type: "active", since: now } as const
      machine = { sessionID: id, generation, failures, state, ...(turnID && { turnID }) }
    }
    const ask = () => {
      if (!claimed) return
      if (fate === "now") processes.push(process)
      if (fate === "pool") processes.push({ ...process, state: "asleep" })
      if (fate === "late") coming.push(process)
      if (fate === "none") end(generation, failures + 1, "start")
    }
    const place = () => {
      if (claimed && fate !== "none" && fate !== "late" && machine && isCurrent(process)) machine = { ...machine, boot }
      // Whoever takes one from the pool tells it, unless he breaks down before.
      if (claimed && fate === "pool")
        for (const item of processes)
          if (item.generation === generation && item.state === "asleep") item.state = "booting"
    }
    return [claim, ask, place]
  }

  function failingSteps(failures: number, before: Machine | undefined, session: Session | undefined) {
    const next = Identifier.create("turn")
    const read = session?.unread.map((item) => item.seq) ?? []
    let mine = false
    const ended = (turnID: string) => ({ phase: "ended", turnID, outcome: "failed" }) as const
    const say = (turn: Extract<Body, { kind: "turn" }>["turn"]) => () =>
      void (mine && append({ id: eventID(), kind: "turn", turn }))
    return [
      () => {
        if (!machine || machine.failures !== failures || machine.state.type !== "ended") return
        mine = true
        machine = { ...machine, failures: failures + 1, state: { ...machine.state, at: now } }
      },
      ...(session?.turnID ? [say(ended(session.turnID))] : []),
      ...(read.length > 0 ? [say({ phase: "started", turnID: next, read }), say(ended(next))] : []),
      () => {
        if (mine && isBefore(before) && machine?.state.type === "ended") machine = { ...machine, failures: 0 }
      },
    ]
  }

  function execute(acting: Acting, steps: number, fate: Fate = "now", boot: Boot = "image") {
    for (const step of stepsOf(acting, fate, boot).slice(0, steps)) step()
  }

  /** Looks until there is nothing more to do now, as `launch` does. */
  function launch(fate: Fate = "now") {
    for (let round = 0; round < rounds; round++) {
      const acting = look()
      if (!info && !machine) for (const item of processes) item.state = "dead"
      execute(acting, 9, fate)
      if (["nothing", "wait", "stop", "wake", "start", "resume", "replace"].includes(acting.decision.type)) return
    }
  }

  return {
    say: () =>
      append({
        id: eventID(),
        kind: "message",
        author: "Ada",
        source: "web",
        text: "Go",
        files: [],
        delivery: "steer",
      }),
    remove: () => void (info = undefined),
    pass(ms: number) {
      now += ms
      latest = Math.max(latest, now)
    },
    /** The clock is right again. */
    settle: () => void (now = latest),
    look,
    execute,
    /** The sweeper: the launcher's question, and then the end of all that is no session's. */
    sweep(fate: Fate = "now") {
      for (const item of processes) item.isShown = true
      launch(fate)
      for (const item of processes) if (!isCurrent(item)) item.state = "dead"
    },
    /** What was asked for long ago is there now. */
    arrive: () => void processes.push(...coming.splice(0)),
    show(process: Process | undefined) {
      if (process) process.isShown = true
    },
    /** One step of a worker: it joins, begins a turn, ends it, or goes. */
    work(process: Process | undefined) {
      if (!process || process.state === "dead" || process.state === "asleep") return
      // Who has come so far is shown by then.
      process.isShown = true
      if (mayJoin(process)) {
        process.state = "joined"
        return append(joined(process.generation))
      }
      if (!mayWork(process)) {
        // It was told that it was replaced.
        process.state = "dead"
        return
      }
      if (machine?.state.type === "active") machine = { ...machine, state: { ...machine.state, beatAt: now } }
      if (info?.turnID)
        return append({ id: eventID(), kind: "turn", turn: { phase: "ended", turnID: info.turnID, outcome: "done" } })
      const read = info?.unread.map((item) => item.seq) ?? []
      if (read.length === 0) return append(note("nothing to do"))
      append({ id: eventID(), kind: "turn", turn: { phase: "started", turnID: Identifier.create("turn"), read } })
    },
    leave(process: Process | undefined) {
      if (!process || !info || !mayWork(process) || Fold.needsWork(info)) return
      append({ id: eventID(), kind: "left", generation: process.generation, reason: "idle" })
    },
    /** EC2 takes the machine back: with notice the worker says goodbye, whatever it was doing. */
    reclaim(process: Process | undefined, hasNotice: boolean) {
      if (!process || process.state === "dead") return
      if (hasNotice && mayWork(process))
        append({ id: eventID(), kind: "left", generation: process.generation, reason: "stopped" })
      process.end = "host"
      process.state = "dead"
    },
    check() {
      expect(processes.filter(mayWrite).length).toBeLessThanOrEqual(1)
      expect(processes.filter((item) => mayJoin(item) || mayWork(item)).length).toBeLessThanOrEqual(1)
      expect(claims).toEqual([...new Set(claims)].toSorted((a, b) => a - b))
    },
    processes,
    living: () => processes.filter((item) => item.state !== "dead"),
    get info() {
      return info
    },
  }
}

export type World = ReturnType<typeof world>
