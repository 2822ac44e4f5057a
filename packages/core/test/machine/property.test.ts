import fc from "fast-check"
import { expect, test } from "vitest"
import { Identifier } from "../../src/identifier.ts"
import type { Body, Read } from "../../src/log/schema.ts"
import { decide, type Decision } from "../../src/machine/decide.ts"
import { policy as policyOf } from "../../src/machine/policy.ts"
import type { Instance } from "../../src/machine/provider.ts"
import type { Info as Machine } from "../../src/machine/schema.ts"
import { Fold } from "../../src/session/fold.ts"
import { blank } from "../../src/session/blank.ts"
import { eventID, joined, note, owner, system } from "../util.ts"

/**
 * A model of one session with its log, its machine's record and processes that boot, work, hang and
 * die. Launchers act on decisions of long ago and break down half-way. The real `decide` and `Fold` run.
 */

const minute = 60_000
const policy = policyOf(30 * minute)
const start = 1_800_000_000_000
const id = Identifier.create("session")

interface Process {
  generation: number
  state: "booting" | "joined" | "dead"
}
type Acting = { decision: Decision; before: Machine | undefined; turnID: string | undefined; unread: number[] }

function world() {
  let info = { ...blank(id, owner), time: { created: start, updated: start } }
  let machine: Machine | undefined
  let now = start
  const processes: Process[] = []
  const claims: number[] = []

  function append(body: Body) {
    info = Fold.apply(info, { ...body, sessionID: id, seq: info.head + 1, at: now, actor: system } as Read)
  }

  const instance = (): Instance => {
    const found = processes.find((item) => item.generation === machine?.generation)
    if (!found) return { type: "absent" }
    return found.state === "dead" ? { type: "ended", reason: "exited" } : { type: "alive" }
  }

  /** What the API lets through: a live token, and the worker that the log knows (or the next one, to join). */
  const mayWrite = ({ generation, state }: Process) =>
    state !== "dead" && machine?.generation === generation && machine.state.type === "active"
  const mayJoin = (process: Process) => mayWrite(process) && process.generation > info.generation
  const mayWork = (process: Process) =>
    mayWrite(process) && info.worker.type === "joined" && info.worker.generation === process.generation

  function look(): Acting {
    return {
      decision: decide({ session: info, machine, instance: instance(), now, policy }),
      before: machine,
      turnID: info.turnID,
      unread: info.unread.map((item) => item.seq),
    }
  }

  const isBefore = (before: Machine | undefined) => machine?.generation === before?.generation

  function end(generation: number, failures: number, reason: "left" | "exited") {
    if (machine?.generation !== generation || machine.state.type === "ended") return
    machine = { ...machine, failures, state: { type: "ended", since: machine.state.since, at: now, reason } }
  }

  /** Executes a decision, and breaks down after `steps` steps of it. */
  function execute({ decision, before, turnID, unread }: Acting, steps: number) {
    const todo: (() => unknown)[] = []
    switch (decision.type) {
      case "start":
      case "resume":
      case "replace": {
        const { generation, failures } = decision
        if (decision.type === "replace") todo.push(() => kill(generation - 1))
        let claimed = false
        todo.push(
          () => {
            if (!isBefore(before)) return
            claimed = true
            claims.push(generation)
            machine = {
              sessionID: id,
              generation,
              failures,
              state: { type: "active", since: now },
              ...(turnID && { turnID }),
            }
          },
          () => claimed && processes.push({ generation, state: "booting" }),
        )
        break
      }
      case "terminate":
        todo.push(
          () => kill(decision.generation),
          () => end(decision.generation, 0, "left"),
        )
        break
      case "stop":
        todo.push(() => kill(decision.generation))
        break
      case "lost":
        todo.push(
          () => end(decision.generation, decision.failures, "exited"),
          () => kill(decision.generation),
          () => append({ id: eventID(), kind: "left", generation: decision.generation, reason: "lost" }),
        )
        break
      case "fail": {
        const next = Identifier.create("turn")
        let mine = false
        const ended = (turnID: string) => ({ phase: "ended", turnID, outcome: "failed" }) as const
        todo.push(() => {
          if (!machine || machine.failures !== decision.failures || machine.state.type !== "ended") return
          mine = true
          machine = { ...machine, failures: decision.failures + 1, state: { ...machine.state, at: now } }
        })
        if (turnID) todo.push(() => mine && append({ id: eventID(), kind: "turn", turn: ended(turnID) }))
        if (unread.length > 0)
          todo.push(
            () =>
              mine && append({ id: eventID(), kind: "turn", turn: { phase: "started", turnID: next, read: unread } }),
            () => mine && append({ id: eventID(), kind: "turn", turn: ended(next) }),
          )
        todo.push(() => {
          if (mine && isBefore(before) && machine?.state.type === "ended") machine = { ...machine, failures: 0 }
        })
      }
    }
    for (const step of todo.slice(0, steps)) step()
  }

  function kill(generation: number) {
    for (const item of processes) if (item.generation === generation) item.state = "dead"
  }

  /** One step of a process: it joins, begins a turn, ends it, or leaves. */
  function work(process: Process | undefined) {
    if (!process || process.state === "dead") return
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
    if (info.turnID)
      return append({ id: eventID(), kind: "turn", turn: { phase: "ended", turnID: info.turnID, outcome: "done" } })
    const read = info.unread.map((item) => item.seq)
    if (read.length === 0) return append(note("nothing to do"))
    append({ id: eventID(), kind: "turn", turn: { phase: "started", turnID: Identifier.create("turn"), read } })
  }

  function leave(process: Process | undefined) {
    if (!process || !mayWork(process) || Fold.needsWork(info)) return
    append({ id: eventID(), kind: "left", generation: process.generation, reason: "idle" })
  }

  function check() {
    expect(processes.filter(mayWork).length).toBeLessThanOrEqual(1)
    expect(processes.filter((item) => mayJoin(item) || mayWork(item)).length).toBeLessThanOrEqual(1)
    expect(claims).toEqual([...new Set(claims)].toSorted((a, b) => a - b))
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
    pass: (ms: number) => void (now += ms),
    look,
    execute,
    work,
    leave,
    check,
    processes,
    get info() {
      return info
    },
  }
}

type World = ReturnType<typeof world>

const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ type: "say" } as const) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("launch" as const), steps: fc.constantFrom(1, 2, 3, 9, 9, 9) }),
  },
  { weight: 2, arbitrary: fc.constant({ type: "look" } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("act" as const), steps: fc.constantFrom(1, 2, 9) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom("work" as const, "leave" as const, "die" as const), at: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(10, 5_000, 95_000, 6 * minute) }),
  },
)

/** Runs steps; those that act late act on what they saw when they looked. */
function play(world: World, steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const seen: Acting[] = []
  for (const item of steps) {
    const process = "at" in item ? world.processes.at(-1 - item.at) : undefined
    if (item.type === "say") world.say()
    if (item.type === "launch") world.execute(world.look(), item.steps)
    if (item.type === "look") seen.push(world.look())
    if (item.type === "act") for (const acting of seen.splice(0, 1)) world.execute(acting, item.steps)
    if (item.type === "work") world.work(process)
    if (item.type === "leave") world.leave(process)
    if (item.type === "die" && process) process.state = "dead"
    if (item.type === "pass") world.pass(item.ms)
    world.check()
  }
}

const runs = Number(process.env["PROPERTY_RUNS"] ?? 500)

test("no two generations may write, whatever launchers and workers do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => play(world(), steps)),
    { numRuns: runs },
  )
})

test("every session reaches rest once workers work", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const it = world()
      play(it, steps)
      for (let round = 0; round < 60; round++) {
        it.execute(it.look(), 9)
        for (const process of it.processes) it.work(process)
        it.pass(20_000)
        it.check()
      }
      expect(Fold.needsWork(it.info)).toBe(false)
    }),
    { numRuns: runs },
  )
})

test("a session whose workers all die fails visibly and stays at rest", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const it = world()
      it.say()
      play(it, steps)
      const die = () => {
        for (const process of it.processes) process.state = "dead"
      }
      it.say()
      for (let round = 0; round < 80; round++) {
        die()
        it.execute(it.look(), 9)
        it.pass(30_000)
      }
      expect(Fold.needsWork(it.info)).toBe(false)
      expect(it.info.status).toBe("failed")
      const claimed = it.processes.length
      it.execute(it.look(), 9)
      expect(it.processes.length).toBe(claimed)
      it.say()
      it.execute(it.look(), 9)
      expect(it.processes.length).toBe(claimed + 1)
    }),
    { numRuns: runs },
  )
})
