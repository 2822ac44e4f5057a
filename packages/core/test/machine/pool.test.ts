import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bootMs } from "../../src/machine/policy.ts"
import { candidates, type Member, plan, type Plan, type Seen, type Wanted } from "../../src/machine/pool/decide.ts"

const minute = 60_000
const day = 24 * 60 * minute
const now = 1_800_000_000_000
const wanted: Wanted = { size: 1, state: "stopped", imageID: "ami-1", bundle: "b" }
const member = (id: string, age = minute, change: Partial<Member> = {}): Member => ({
  id,
  imageID: "ami-1",
  bundle: "b",
  boot: "image",
  created: now - age,
  state: { type: "free" },
  ...change,
})
const claimed = (age: number): Member["state"] => ({
  type: "claimed",
  sessionID: "ses_1",
  generation: 1,
  at: now - age,
})
const seen = (id: string, state: Seen["state"] = "running", age = minute, isTagged = false): Seen => ({
  id,
  instanceID: `i-${id}`,
  state,
  launched: now - age,
  isTagged,
})
const nothing: Plan = { start: 0, stop: [], retire: [], strangers: [], fail: [], forget: [] }

interface Row {
  what: string
  members?: Member[]
  seen?: Seen[]
  wanted?: Partial<Wanted>
  active?: string[]
  then: { [Name in keyof Plan]?: Name extends "start" ? number : string[] }
}

describe("in the pool", () => {
  const rows: Row[] = [
    { what: "as many are started as are wanted", wanted: { size: 3 }, then: { start: 3 } },
    { what: "nothing is done where nothing is wanted", wanted: { size: 0 }, then: {} },
    { what: "one that was asked for is awaited", members: [member("1")], then: {} },
    { what: "one that prepares itself is left in peace", members: [member("1")], seen: [seen("1")], then: {} },
    {
      what: "one that has prepared itself is stopped",
      members: [member("1", 6 * minute)],
      seen: [seen("1", "running", 5 * minute)],
      then: { stop: ["1"] },
    },
    {
      what: "one that has to be installed is given time",
      members: [member("1", 19 * minute, { boot: "install" })],
      seen: [seen("1", "running", 19 * minute)],
      then: {},
    },
    {
      what: "it waits running where that is wanted",
      members: [member("1", 9 * minute)],
      seen: [seen("1", "running", 9 * minute)],
      wanted: { state: "running" },
      then: {},
    },
    { what: "it waits stopped", members: [member("1", 6 * day)], seen: [seen("1", "stopped", 6 * day)], then: {} },
    {
      what: "one that has been stopped for a week is replaced",
      members: [member("1", 7 * day)],
      seen: [seen("1", "stopped", 7 * day)],
      then: { retire: ["1"], start: 1 },
    },
    {
      what: "one that has run for a day is replaced",
      members: [member("1", day)],
      seen: [seen("1", "running", day)],
      wanted: { state: "running" },
      then: { retire: ["1"], start: 1 },
    },
    {
      what: "one from another image is replaced",
      members: [member("1", minute, { imageID: "ami-0" })],
      seen: [seen("1")],
      then: { retire: ["1"], start: 1 },
    },
    {
      what: "one with another program is replaced",
      members: [member("1", minute, { bundle: "a" })],
      seen: [seen("1", "stopped")],
      then: { retire: ["1"], start: 1 },
    },
    {
      what: "of too many the oldest goes",
      members: [member("1", 3 * minute), member("2", 4 * minute), member("3", 2 * minute)],
      seen: [seen("1", "stopped"), seen("2", "stopped"), seen("3", "stopped")],
      wanted: { size: 2 },
      then: { retire: ["2"] },
    },
    {
      what: "all go when it is turned off",
      members: [member("1")],
      seen: [seen("1", "stopped")],
      wanted: { size: 0 },
      then: { retire: ["1"] },
    },
    {
      what: "one that ended by itself keeps its place for a while",
      members: [member("1", 5 * minute)],
      then: { fail: ["1"] },
    },
    {
      what: "one that failed is not replaced yet",
      members: [member("1", day, { state: { type: "failed", at: now - 29 * minute } })],
      then: {},
    },
    {
      what: "one that failed long ago is replaced",
      members: [member("1", day, { state: { type: "failed", at: now - 30 * minute } })],
      then: { forget: ["1"], start: 1 },
    },
    {
      what: "another is started in the place of one that was taken",
      members: [member("1", day, { state: claimed(minute) })],
      seen: [seen("1", "running", day, true)],
      then: { start: 1 },
    },
    {
      what: "one whose taker broke down is left to the next look at its session",
      members: [member("1", day, { state: claimed(minute) })],
      seen: [seen("1", "stopped", day)],
      active: ["1"],
      then: { start: 1 },
    },
    {
      what: "one whose taker broke down goes with its generation",
      members: [member("1", day, { state: claimed(minute) })],
      seen: [seen("1", "stopped", day)],
      then: { retire: ["1"], start: 1 },
    },
    {
      what: "one that was taken and has ended is forgotten",
      members: [member("1", day, { state: claimed(5 * minute) })],
      then: { forget: ["1"], start: 1 },
    },
    {
      what: "a stranger goes",
      seen: [seen("9", "running", 5 * minute)],
      wanted: { size: 0 },
      then: { strangers: ["9"] },
    },
    { what: "a stranger that has just come may be written down", seen: [seen("9")], wanted: { size: 0 }, then: {} },
    {
      what: "a session's machine is no stranger",
      seen: [seen("9", "running", day, true)],
      wanted: { size: 0 },
      then: {},
    },
  ]
  test.each(rows)("$what", ({ members = [], seen: machines = [], wanted: change, active = [], then }) => {
    const found = plan({
      members,
      seen: machines,
      wanted: { ...wanted, ...change },
      active: new Set(active),
      bootMs,
      now,
    })
    const { start, ...lists } = found
    const ids = Object.fromEntries(Object.entries(lists).map(([name, items]) => [name, items.map(({ id }) => id)]))
    expect({ start, ...ids }).toEqual({ ...nothing, ...then })
  })

  const anyMember = fc
    .record({
      age: fc.nat(8 * day),
      imageID: fc.constantFrom("ami-1", "ami-0"),
      bundle: fc.constantFrom("b", "a"),
      boot: fc.constantFrom("image" as const, "install" as const),
      state: fc.oneof(
        fc.constant({ type: "free" } as const),
        fc.nat(day).map(claimed),
        fc.nat(day).map((age) => ({ type: "failed", at: now - age }) as const),
      ),
    })
    .map(({ age, ...rest }) => ({ ...rest, created: now - age }))
  const anySeen = fc.record({
    state: fc.constantFrom("pending" as const, "running" as const, "stopping" as const, "stopped" as const),
    launched: fc.nat(8 * day).map((age) => now - age),
    isTagged: fc.boolean(),
  })
  const scene = fc.record({
    slots: fc.array(fc.record({ member: fc.option(anyMember), machine: fc.option(anySeen), isActive: fc.boolean() }), {
      maxLength: 8,
    }),
    size: fc.nat(5),
    state: fc.constantFrom("stopped" as const, "running" as const),
  })

  test("whatever there is, plans neither take from sessions nor exceed what is wanted, and come to rest", () => {
    fc.assert(
      fc.property(scene, ({ slots, size, state }) => {
        const members = slots.flatMap(({ member }, index) => (member ? [{ ...member, id: String(index) }] : []))
        const machines = slots.flatMap(({ machine }, index) =>
          machine ? [{ ...machine, id: String(index), instanceID: `i-${index}` }] : [],
        )
        const active = new Set(slots.flatMap(({ isActive }, index) => (isActive ? [String(index)] : [])))
        const input = { members, seen: machines, wanted: { ...wanted, size, state }, active, bootMs, now }
        const found = plan(input)
        const touched = [...found.retire, ...found.stop, ...found.strangers].map(({ id }) => id)
        for (const { id, isTagged } of machines)
          if (isTagged && members.find((item) => item.id === id)?.state.type === "claimed")
            expect(touched).not.toContain(id)
        for (const { id, state } of members)
          if (state.type === "claimed" && active.has(id)) expect(touched).not.toContain(id)
        expect(new Set(touched).size).toBe(touched.length)
        const ended = new Set([...found.retire, ...found.forget].map(({ id }) => id))
        const left = members.filter(({ id }) => !ended.has(id))
        const failed = new Set(found.fail.map(({ id }) => id))
        const free = left.filter(({ id, state }) => state.type === "free" && !failed.has(id))
        expect(free.length + found.start).toBeLessThanOrEqual(Math.max(size, free.length))
        expect(free.length).toBeLessThanOrEqual(size)
        // Done, there is nothing more to do.
        const started = Array.from({ length: found.start }, (_, index) => member(`new ${index}`, 0))
        const stopped = new Set(found.stop.map(({ id }) => id))
        const next = plan({
          ...input,
          members: [
            ...left.map((item) =>
              failed.has(item.id) ? { ...item, state: { type: "failed", at: now } as const } : item,
            ),
            ...started,
          ],
          seen: machines
            .filter(
              ({ id }) =>
                !found.retire.concat().some((item) => item.id === id) &&
                !found.strangers.some((item) => item.id === id),
            )
            .map((item) => (stopped.has(item.id) ? { ...item, state: "stopped" as const } : item)),
        })
        expect(next).toEqual(nothing)
      }),
    )
  })

  test("a launcher tries those first that have least to do, and none that is no good", () => {
    const members = [
      ...["starting", "stopped", "prepared", "stopping", "lent"].map((id) => member(id, 30 * minute)),
      member("other", 30 * minute, { bundle: "a" }),
      member("taken", 30 * minute, { state: claimed(0) }),
      member("unseen", 30 * minute),
    ]
    const machines = [
      seen("starting"),
      seen("stopped", "stopped", 30 * minute),
      seen("prepared", "running", 30 * minute),
      seen("stopping", "stopping", 30 * minute),
      seen("lent", "running", 30 * minute, true),
      seen("other", "stopped", 30 * minute),
      seen("taken", "stopped", 30 * minute),
      seen("stranger", "stopped", 30 * minute),
    ]
    const found = candidates({ members, seen: machines, bundle: "b", bootMs, now })
    expect(found.map(({ member }) => member.id)).toEqual(["prepared", "stopped", "starting"])
  })
})
