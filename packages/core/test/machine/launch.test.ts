import { describe, expect, test } from "vitest"
import { Machine } from "../../src/machine/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, joined, output, owner, system, worker } from "../util.ts"

const minute = 60_000

/** Machines that only exist on paper; tests say how they fare. */
function paper() {
  const started: Machine.Start[] = []
  const ended: Machine.Reference[] = []
  const states = new Map<number, Machine.Instance>()
  let failing = false
  const provider: Machine.Provider = {
    async start(request) {
      if (failing) throw new Error("No capacity")
      started.push(request)
      states.set(request.generation, { type: "alive" })
    },
    async describe({ generation }) {
      return states.get(generation) ?? { type: "absent" }
    },
    async terminate(machine) {
      ended.push(machine)
      states.set(machine.generation, { type: "ended", reason: "exited" })
    },
    async list() {
      return started.filter(({ generation }) => states.get(generation)?.type === "alive")
    },
  }
  let now = Date.now()
  return {
    started,
    ended,
    world: { provider, policy: Machine.policy(30 * minute), now: () => now },
    die: (generation: number) => void states.set(generation, { type: "ended", reason: "exited" }),
    fail: (value: boolean) => void (failing = value),
    pass: (ms: number) => void (now += ms),
    token: () => started.at(-1)?.token ?? "",
  }
}

const create = () => as(owner, () => Session.create({ message: "Fix it", title: "Fix it" }))
const info = (id: string) => as(owner, () => Session.fromID(id))
const join = async (sessionID: string, generation: number) => {
  const { head } = await info(sessionID)
  const events = [joined(generation)]
  return as(worker(sessionID, generation), () => Session.work({ sessionID, generation, after: head, events }))
}

describe("launching", () => {
  test("launchers that decide at the same time start one machine", async () => {
    const it = paper()
    const { id } = await create()
    await Promise.all(Array.from({ length: 8 }, () => Machine.launch(id, it.world)))
    expect(it.started).toHaveLength(1)
    expect(it.started[0]).toMatchObject({ sessionID: id, generation: 1 })
    expect(await as(system, () => Machine.active())).toContain(id)
  })

  test("a lost worker leaves a mark in the log, and the next generation takes over", async () => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    const first = it.token()
    await join(id, 1)
    it.die(1)
    await Machine.launch(id, it.world)
    const { items } = await as(owner, () => Session.events({ id }))
    expect(items.at(-1)).toMatchObject({ kind: "left", generation: 1, reason: "lost", detail: "exited" })
    expect(it.started.map((item) => item.generation)).toEqual([1, 2])
    await expect(Machine.authenticate(first)).rejects.toMatchObject({ kind: "unauthorized" })
    const late = as(worker(id, 1), () =>
      Session.work({ sessionID: id, generation: 1, after: 3, events: [output("trn_01k9zzzzzzzzzzzzzzzzzzzzzz")] }),
    )
    await expect(late).rejects.toMatchObject({ kind: "conflict" })
  })

  test("launchers that find the same worker lost say so once", async () => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    await join(id, 1)
    it.die(1)
    await Promise.all(Array.from({ length: 8 }, () => Machine.launch(id, it.world)))
    const { items } = await as(owner, () => Session.events({ id }))
    expect(items.filter((event) => event.kind === "left")).toMatchObject([{ generation: 1, reason: "lost" }])
    expect(it.started.map((item) => item.generation)).toEqual([1, 2])
  })

  test("a session whose workers die at once fails visibly, once, and works again on the next message", async () => {
    const it = paper()
    const { id } = await create()
    for (let round = 0; round < 20; round++) {
      await Promise.all([Machine.launch(id, it.world), Machine.launch(id, it.world)])
      it.die(it.started.length)
      it.pass(30_000)
    }
    expect(it.started).toHaveLength(5)
    expect(await info(id)).toMatchObject({ status: "failed", unread: [] })
    const { items } = await as(owner, () => Session.events({ id }))
    expect(items.map((item) => item.kind)).toEqual(["message", "notice", "turn", "turn"])
    expect(items.at(-1)).toMatchObject({ turn: { outcome: "failed", problem: { code: "machine.failed" } } })

    await as(owner, () => Session.send({ sessionID: id, message: "Once more" }))
    await Machine.launch(id, it.world)
    expect(it.started).toHaveLength(6)
  })

  test("a provider that has no machine is asked again, with pauses", async () => {
    const it = paper()
    const { id } = await create()
    it.fail(true)
    expect(await Machine.launch(id, it.world)).toMatchObject({ type: "wait", reason: "backoff" })
    it.fail(false)
    it.pass(minute)
    await Machine.launch(id, it.world)
    expect(it.started).toHaveLength(1)
  })

  test("the machine of a deleted session is ended", async () => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    await as(owner, () => Session.remove(id))
    await Machine.launch(id, it.world)
    expect(it.ended).toMatchObject([{ sessionID: id, generation: 1 }])
    await expect(Machine.authenticate(it.token())).rejects.toMatchObject({ kind: "unauthorized" })
  })
})

describe("a session token", () => {
  test("stands for its session and generation while that lasts, and is stored as a hash", async () => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    const token = it.token()
    expect(token).toMatch(/^swe_w_ses_\w{26}_[\w-]{43}$/)
    expect(await Machine.authenticate(token)).toEqual({ sessionID: id, generation: 1 })
    await as(worker(id), () => Machine.beat({ sessionID: id, generation: 1 }))
    expect(await Machine.find(id)).toMatchObject({ state: { type: "active", beatAt: expect.any(Number) } })
    expect(JSON.stringify(await Machine.find(id))).not.toContain(token.slice(-43))
  })

  test.each([
    ["nothing", () => ""],
    ["another secret", (token: string) => `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`],
    ["another session", (token: string) => token.replace(/ses_\w{26}/, "ses_01k9zzzzzzzzzzzzzzzzzzzzzz")],
    ["too much", (token: string) => `${token}A`],
    ["an API key", () => "swe_k_0123456789012345678901234567890123456789012"],
  ])("is refused when it holds %s", async (_, change) => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    await expect(Machine.authenticate(change(it.token()))).rejects.toMatchObject({ kind: "unauthorized" })
  })

  test("of a generation that ended brings no machine back to life", async () => {
    const it = paper()
    const { id } = await create()
    await Machine.launch(id, it.world)
    await as(system, () =>
      Machine.end({ sessionID: id, generation: 1, reason: "exited", failures: 1, now: Date.now() }),
    )
    await expect(as(worker(id), () => Machine.beat({ sessionID: id, generation: 1 }))).rejects.toMatchObject({
      kind: "unauthorized",
    })
    expect(await as(system, () => Machine.active())).not.toContain(id)
  })
})
