import { beforeEach, expect, test } from "vitest"
import { leaseMs } from "../../src/deliver/cursor.ts"
import { Deliver } from "../../src/deliver/index.ts"
import { Log } from "../../src/log/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, note, owner, system } from "../util.ts"

class Refused extends Error {
  readonly failure: Deliver.Failure
  constructor(failure: Deliver.Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Another side that keeps what it is given and fails when the test says so. */
function side(name = "test") {
  const got: string[] = []
  const uncertain: string[] = []
  let fails: ((text: string) => void | Promise<void>) | undefined
  const deliverer: Deliver.Deliverer<string> = {
    name,
    kinds: ["notice"],
    plan(state, event) {
      const count = typeof state === "number" ? state : 0
      if (event.kind !== "notice" || event.code.startsWith(`${name}.`)) return { state: count, acts: [] }
      const acts = event.text.split("|").map((text) => `${count}:${text.slice(0, 20)}`)
      return { state: count + 1, acts }
    },
    async perform(act, context) {
      if (context.uncertain) uncertain.push(act)
      await fails?.(act)
      got.push(act)
    },
    explain: (error) => (error instanceof Refused ? error.failure : undefined),
  }
  return { deliverer, got, uncertain, fail: (with_: typeof fails) => void (fails = with_) }
}

let it: ReturnType<typeof side>
let id: string
let now = 0
const clock = { now: () => now, patienceMs: 0 }

beforeEach(async () => {
  it = side()
  now = Date.now()
  id = (await as(owner, () => Session.create({ message: "Fix it" }))).id
  await Deliver.follow(it.deliverer, id, { place: "here" })
})

const say = (text: string) => as(system, () => Session.add(id, note(text)))
const run = () => as(system, () => Deliver.run([it.deliverer], id, clock))
const sweep = () => as(system, () => Deliver.sweep([it.deliverer], clock))
const notices = async () =>
  (await Log.tail(id, 0)).flatMap((event) =>
    event.kind === "notice" && event.code === "test.undelivered" ? [event.text] : [],
  )
const passing: Deliver.Failure = { type: "passing", code: "busy", message: "Busy" }

test("events come once, in order, with what was remembered", async () => {
  await say("a")
  await say("b|c")
  await run()
  await run()
  await say("d")
  await run()
  expect(it.got).toEqual(["0:a", "1:b", "1:c", "2:d"])
})

test("what is long comes whole", async () => {
  it.deliverer.plan = (state, event) => ({
    state,
    acts: event.kind === "notice" ? [String(event.text.length)] : [],
  })
  await as(system, () => Session.add(id, { ...note("x".repeat(4_000)), text: "é".repeat(4_000) } as Log.Body))
  await run()
  expect(it.got).toEqual(["4000"])
})

test("of two runners one acts, and sees what came while it was at work", async () => {
  await say("a")
  let others: Promise<unknown> = Promise.resolve()
  it.fail(async (act) => {
    if (act !== "0:a") return
    others = say("b").then(run)
    await others
  })
  await Promise.all([run(), run(), run()])
  await others
  expect(it.got).toEqual(["0:a", "1:b"])
})

test("a runner that died between act and advance is followed by one that knows that it may have acted", async () => {
  await say("a|b|c")
  const die = new Promise<void>(() => undefined)
  it.fail((act) => {
    if (act !== "0:b" || it.got.includes("0:b")) return
    it.got.push("0:b")
    return die
  })
  void run()
  while (!it.got.includes("0:b")) await new Promise((resolve) => setImmediate(resolve))
  await run()
  expect(it.got).toEqual(["0:a", "0:b"])
  now += leaseMs + 1
  await sweep()
  expect(it.uncertain).toEqual(["0:b"])
  expect(it.got).toEqual(["0:a", "0:b", "0:b", "0:c"])
})

test("one that lost its lease acts no more", async () => {
  await say("a|b|c")
  let resume = () => {}
  let first = true
  it.fail(() => {
    if (!first) return
    first = false
    return new Promise<void>((resolve) => (resume = resolve))
  })
  const slow = run()
  while (first) await new Promise((resolve) => setImmediate(resolve))
  now += leaseMs + 1
  await run()
  resume()
  await slow
  expect(it.got).toEqual(["0:a", "0:b", "0:c", "0:a"])
})

test("a failure waits as long as the other side asks, and the sweeper comes back for it", async () => {
  await say("a|b")
  let busy = true
  it.fail((act) => {
    if (act === "0:b" && busy) throw new Refused({ ...passing, afterMs: 60_000 })
  })
  await run()
  busy = false
  await run()
  await sweep()
  expect(it.got).toEqual(["0:a"])
  now += 60_001
  await sweep()
  expect(it.got).toEqual(["0:a", "0:b"])
  expect(await notices()).toEqual([])
})

test("a short wait is waited for", async () => {
  await say("a")
  let busy = true
  it.fail(() => {
    if (!busy) return
    busy = false
    throw new Refused(passing)
  })
  await as(system, () => Deliver.run([it.deliverer], id))
  expect(it.got).toEqual(["0:a"])
})

test("after a bounded number of tries it is given up, said once, and tried anew with what comes next", async () => {
  await say("a")
  await say("b")
  it.fail(() => {
    throw new Refused(passing)
  })
  for (let times = 0; times < 30; times++) {
    await sweep()
    now += 3_600_000
  }
  expect(await notices()).toEqual(["Busy"])
  it.fail(undefined)
  await say("c")
  await run()
  expect(it.got).toEqual(["1:c"])
})

test("one event that is not taken is left out, and the rest goes on", async () => {
  await say("a")
  await say("bad")
  await say("c")
  it.fail((act) => {
    if (act.endsWith("bad")) throw new Refused({ type: "unacceptable", code: "too_odd", message: "Too odd" })
  })
  await run()
  expect(it.got).toEqual(["0:a", "2:c"])
  expect(await notices()).toEqual(["Too odd"])
})

test("a bug of ours is tried again like any other failure", async () => {
  await say("a")
  let broken = true
  it.fail(() => {
    if (broken) throw new TypeError("undefined is not a function")
  })
  await run()
  broken = false
  now += 60_000
  await sweep()
  expect(it.got).toEqual(["0:a"])
})

test("what nobody was told of is found while the session is at work, and a session at rest is left alone", async () => {
  await run()
  await say("a")
  now += 3_600_000
  await sweep()
  expect(it.got).toEqual(["0:a"])
  await as(owner, () => Session.stop(id))
  await run()
  await say("b")
  now += 3_600_000
  await sweep()
  expect(it.got).toEqual(["0:a"])
})

test("a session that moves is delivered to its new place from there on", async () => {
  await say("a")
  await run()
  const places: unknown[] = []
  it.deliverer.perform = async (_, { target }) => void places.push(target)
  await Deliver.follow(it.deliverer, id, { place: "there" })
  await say("b")
  await run()
  expect(places).toEqual([{ place: "there" }])
  expect(await Deliver.targetOf(it.deliverer, id)).toEqual({ place: "there" })
})

test("a deleted session ends its deliveries", async () => {
  await say("a")
  await as(owner, () => Session.remove(id))
  now += 3_600_000
  await Promise.all([run(), sweep()])
  expect(it.got).toEqual([])
  expect(await Deliver.targetOf(it.deliverer, id)).toBeUndefined()
})
