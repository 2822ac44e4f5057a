import { describe, expect, test } from "vitest"
import { create, decide, lateAfter, policy, type State } from "../../src/saver.ts"

const minute = 60_000
const state = (more: Partial<State>): State => ({ touched: true, since: 10 * minute, tookMs: 0, ...more })

describe("while a turn goes on", () => {
  test.each<[string, State, number, ReturnType<typeof decide>]>([
    ["nothing is saved that nobody touched", state({ touched: false }), 99 * minute, { type: "rest" }],
    [
      "a save waits until the last, or the change, is three minutes ago",
      state({}),
      11 * minute,
      { type: "wait", waitMs: 2 * minute },
    ],
    ["then the work is saved", state({}), 13 * minute, { type: "save" }],
    [
      "what takes long is saved less often",
      state({ tookMs: minute }),
      13 * minute,
      { type: "wait", waitMs: 17 * minute },
    ],
    ["and is saved in the end", state({ tookMs: minute }), 30 * minute, { type: "save" }],
    ["a clock that was put back delays it", state({}), 0, { type: "wait", waitMs: 13 * minute }],
  ])("%s", (_, state, now, decision) => {
    expect(decide(state, policy, now)).toEqual(decision)
  })
})

/** A clock that stands still until it is moved on. */
function clock() {
  let now = 0
  const sleeping = new Set<{ until: number; wake(): void }>()
  return {
    now: () => now,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const entry = {
          until: now + ms,
          wake() {
            sleeping.delete(entry)
            resolve()
          },
        }
        sleeping.add(entry)
        signal.addEventListener("abort", entry.wake)
      }),
    async pass(ms: number) {
      now += ms
      for (const entry of sleeping) if (entry.until <= now) entry.wake()
      await settled()
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

function saver({ whole = (): boolean => true, save = async () => undefined as void } = {}) {
  const time = clock()
  const saves: string[] = []
  const made = create({
    clock: time,
    policy,
    async save({ patient }) {
      saves.push(`${time.now() / minute}${patient ? "" : " end"}`)
      await save()
      return whole()
    },
  })
  return { ...made, saves, pass: time.pass }
}

describe("a saver", () => {
  test("saves while a long call runs, again and again, and no more once it is done and saved", async () => {
    const { begin, saves, pass } = saver()
    const end = begin()
    await settled()
    for (let at = 0; at < 10; at++) await pass(minute)
    expect(saves).toEqual(["3", "6", "9"])
    end()
    for (let at = 0; at < 10; at++) await pass(minute)
    expect(saves).toEqual(["3", "6", "9", "12"])
  })

  test("saves at the end of a turn at once, and only once", async () => {
    const { begin, finish, saves, pass } = saver()
    begin()()
    await pass(minute)
    await finish()
    await pass(60 * minute)
    expect(saves).toEqual(["1 end"])
    begin()()
    await pass(2 * minute)
    await pass(minute)
    expect(saves).toEqual(["1 end", "64"])
  })

  test("comes back to what it had to leave", async () => {
    let whole = false
    const { begin, saves, pass } = saver({ whole: () => whole })
    begin()()
    await pass(3 * minute)
    whole = true
    for (let at = 0; at < 9; at++) await pass(minute)
    expect(saves).toEqual(["3", "6"])
  })

  test("waits at the end for a save that is on its way, and tells what it failed with", async () => {
    const { promise, reject } = Promise.withResolvers<void>()
    const { begin, finish, saves, pass } = saver({ save: () => promise })
    begin()()
    await pass(3 * minute)
    const done = finish()
    await settled()
    expect(saves).toEqual(["3"])
    reject(new Error("replaced"))
    await expect(done).rejects.toThrow("replaced")
    expect(saves).toEqual(["3"])
  })
})

test("what has to be done by then is late some time after the notice, and not before", async () => {
  const leave = new AbortController()
  const late = lateAfter(leave.signal, 1)
  expect(late.signal.aborted).toBe(false)
  leave.abort()
  await new Promise((resolve) => late.signal.addEventListener("abort", resolve))
  late.close()
})
