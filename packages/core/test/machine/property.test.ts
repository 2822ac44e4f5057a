import fc from "fast-check"
import { expect, test } from "vitest"
import { Fold } from "../../src/session/fold.ts"
import { type Acting, fates, world, type World } from "./model.ts"

const minute = 60_000
const fate = fc.constantFrom(...fates)
const boot = fc.constantFrom("image" as const, "install" as const)
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ type: "say" } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("launch" as const),
      steps: fc.constantFrom(1, 2, 3, 9, 9, 9),
      ...{ fate, boot },
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: "look" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("act" as const), steps: fc.constantFrom(1, 2, 9), ...{ fate, boot } }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom("work", "work", "leave", "die", "show", "reclaim", "notice"),
      at: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("sweep" as const, "arrive" as const), fate }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("pass" as const),
      ms: fc.constantFrom(10, 5_000, 95_000, 6 * minute, 21 * minute),
    }),
  },
  // A clock that was wrong, and is set.
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("pass" as const),
      ms: fc.constantFrom(-5_000, -10 * minute, 60 * minute),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Step> ? Step : never

/** Runs steps; those that act late act on what they saw when they looked. */
function play(world: World, steps: readonly Step[]) {
  const seen: Acting[] = []
  for (const item of steps) {
    const process = "at" in item ? world.processes.at(-1 - item.at) : undefined
    if (item.type === "say") world.say()
    if (item.type === "launch" && "steps" in item) world.execute(world.look(), item.steps, item.fate, item.boot)
    if (item.type === "look") seen.push(world.look())
    if (item.type === "act" && "steps" in item)
      for (const acting of seen.splice(0, 1)) world.execute(acting, item.steps, item.fate, item.boot)
    if (item.type === "work") world.work(process)
    if (item.type === "leave") world.leave(process)
    if (item.type === "die" && process) process.state = "dead"
    if (item.type === "show") world.show(process)
    if (item.type === "reclaim" || item.type === "notice") world.reclaim(process, item.type === "notice")
    if (item.type === "sweep" && "fate" in item) world.sweep(item.fate)
    if (item.type === "arrive") world.arrive()
    if (item.type === "pass" && "ms" in item) world.pass(item.ms)
    world.check()
  }
  world.settle()
}

const runs = { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 500) }
const steps = (maxLength: number) => fc.array(step, { maxLength })

test("no two generations may write, whatever launchers, machines, workers and the clock do", () => {
  fc.assert(
    fc.property(steps(60), (list) => play(world(), list)),
    runs,
  )
})

/** Sweeps a minute apart, with machines to be had and workers that work. */
function recover(it: World, minutes: number) {
  for (let round = 0; round < minutes; round++) {
    it.arrive()
    it.sweep(round % 3 === 0 ? "pool" : "now")
    for (let turn = 0; turn < 4; turn++) for (const process of it.processes) it.work(process)
    it.pass(minute)
    it.check()
  }
}

test("every session reaches rest once machines can be had and workers work", () => {
  fc.assert(
    fc.property(steps(40), (list) => {
      const it = world()
      play(it, list)
      recover(it, 60)
      expect(it.info && Fold.needsWork(it.info)).toBe(false)
    }),
    runs,
  )
})

test("without any machine to be had a session fails visibly, and waits for a person", () => {
  fc.assert(
    fc.property(steps(40), (list) => {
      const it = world()
      play(it, list)
      it.say()
      for (const process of it.processes) process.state = "dead"
      for (let round = 0; round < 60; round++) {
        it.sweep("none")
        it.pass(minute)
      }
      expect(it.info && Fold.needsWork(it.info)).toBe(false)
      expect(it.info?.status).toBe("failed")
      it.say()
      recover(it, 10)
      expect(it.info?.status).toBe("idle")
    }),
    runs,
  )
})

test("a session whose workers all die fails visibly and stays at rest", () => {
  fc.assert(
    fc.property(steps(40), (list) => {
      const it = world()
      it.say()
      play(it, list)
      const die = () => {
        for (const process of it.processes) {
          process.state = "dead"
          it.show(process)
        }
      }
      it.say()
      for (let round = 0; round < 80; round++) {
        it.arrive()
        die()
        it.execute(it.look(), 9)
        it.pass(30_000)
      }
      expect(it.info && Fold.needsWork(it.info)).toBe(false)
      expect(it.info?.status).toBe("failed")
      const claimed = it.processes.length
      it.execute(it.look(), 9)
      expect(it.processes.length).toBe(claimed)
      it.say()
      it.execute(it.look(), 9)
      expect(it.processes.length).toBe(claimed + 1)
    }),
    runs,
  )
})

test("whoever is only ever taken back by EC2 is never given up, wherever its worker was", () => {
  const taken = fc.record({ hasNotice: fc.boolean(), works: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(taken, { minLength: 1, maxLength: 30 }), (all) => {
      const it = world()
      it.say()
      it.sweep()
      for (const { hasNotice, works } of all) {
        const process = it.processes.at(-1)
        for (let count = 0; count < works; count++) it.work(process)
        it.say()
        it.reclaim(process, hasNotice)
        it.pass(minute)
        it.sweep()
        expect(it.living()).toHaveLength(1)
        it.check()
      }
      recover(it, 3)
      expect(it.info?.status).toBe("idle")
    }),
    runs,
  )
})

test("no machine outlives its session by more than one sweep, nor one that it has no use for", () => {
  fc.assert(
    fc.property(steps(40), fc.boolean(), fc.boolean(), (list, isRemoved, isLate) => {
      const it = world()
      play(it, list)
      if (isRemoved) it.remove()
      else {
        recover(it, 60)
        for (const process of it.processes) it.leave(process)
      }
      // One that comes after the first sweep is found by the next.
      if (!isLate) it.arrive()
      it.sweep()
      if (isLate) {
        it.arrive()
        it.sweep()
      }
      expect(it.living()).toEqual([])
    }),
    runs,
  )
})
