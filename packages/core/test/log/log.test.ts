import { Readable } from "node:stream"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { VisibleError } from "../../src/error.ts"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { inlineLimit, shorten } from "../../src/log/shorten.ts"
import { as, eventID, note, output, system } from "../util.ts"

/** Events of each of eight writers. moto answers some hundred requests a second. */
const each = process.env["TEST_AWS_ENDPOINT"] ? 40 : 1_000

const session = () => Identifier.create("session")
const append = (sessionID: string, after: number, body = note("x")) =>
  as(system, () => Log.append({ sessionID, after, body }))

/** A writer among greedy ones is told that the log is busy in the end, and asks again. */
async function insist(sessionID: string, after: number, body: Log.Body): Promise<Log.Info> {
  const added = await as(system, () => Log.add({ sessionID, after, body })).catch((error: unknown) => {
    if (error instanceof VisibleError && error.code === "log.busy") return undefined
    throw error
  })
  return added ? added.event : insist(sessionID, await Log.head(sessionID), body)
}

describe("the log", () => {
  test("has no gap: an append goes right after the head that the writer saw", async () => {
    const sessionID = session()
    for (const after of [0, 1, 2]) await append(sessionID, after)
    expect((await Log.list({ sessionID })).map((event) => event.seq)).toEqual([1, 2, 3])
  })

  test("refuses a second event at a place", async () => {
    const sessionID = session()
    await append(sessionID, 0)
    await expect(append(sessionID, 0)).rejects.toBeInstanceOf(Log.ConflictError)
    expect(await Log.head(sessionID)).toBe(1)
  })

  test("takes a repeated append of one event once", async () => {
    const sessionID = session()
    const body = note("once")
    const first = await append(sessionID, 0, body)
    expect(await append(sessionID, 0, body)).toEqual(first)
    expect(await Log.list({ sessionID })).toEqual([first])
  })

  test(`gives 8 writers of ${each} events each one order, without gaps or doubles`, async () => {
    const sessionID = session()
    const writers = Array.from({ length: 8 }, (_, writer) => writer)
    await Promise.all(
      writers.map(async (writer) => {
        let after = 0
        for await (const index of Readable.from(Array(each).keys())) {
          const body = { ...note(String(index)), code: `writer-${writer}` } as Log.Body
          after = (await insist(sessionID, after, body)).seq
        }
      }),
    )
    const events = await Log.tail(sessionID, 0)
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 8 * each }, (_, index) => index + 1))
    expect(new Set(events.map((event) => event.id)).size).toBe(8 * each)
    for (const writer of writers) {
      const own = events.filter((event) => event.kind === "notice" && event.code === `writer-${writer}`)
      expect(own.map((event) => event.kind === "notice" && Number(event.text))).toEqual([...Array(each).keys()])
    }
  }, 240_000)

  test("keeps a body of 2 MB whole in the bucket and short inline", async () => {
    const sessionID = session()
    const text = `start ${"é".repeat(1_000_000)} end`
    await append(sessionID, 0, output(Identifier.create("turn"), { content: [{ type: "text", text }] }))
    const [short] = await Log.list({ sessionID })
    expect(short?.cut).toBe(true)
    expect(JSON.stringify(short).length).toBeLessThan(2 * inlineLimit)
    const whole = await Log.fromSeq(sessionID, 1)
    expect(whole).toMatchObject({ content: [{ type: "text", text }] })
  })

  test("gives back what was written, of any length and in any letters", async () => {
    const sessionID = session()
    const text = fc.string({ unit: "binary", maxLength: 9_000, size: "max" })
    const run = async (text: string, after: number) => {
      await append(sessionID, after, output(Identifier.create("turn"), { content: [{ type: "text", text }] }))
      expect(await Log.fromSeq(sessionID, after + 1)).toMatchObject({ content: [{ type: "text", text }] })
      return after + 1
    }
    const texts = ["", "x".repeat(5_000), ...fc.sample(text, 30)]
    await texts.reduce(async (after, text) => run(text, await after), Promise.resolve(0))
  })

  test("pages forwards and backwards", async () => {
    const sessionID = session()
    for (const after of Array(30).keys()) await append(sessionID, after)
    const seqs = async (query: object) => (await Log.list({ sessionID, ...query })).map((event) => event.seq)
    expect(await seqs({ after: 27 })).toEqual([28, 29, 30])
    expect(await seqs({ limit: 2 })).toEqual([1, 2])
    expect(await seqs({ limit: 2, order: "desc" })).toEqual([29, 30])
    expect(await seqs({ limit: 3, order: "desc", before: 5 })).toEqual([2, 3, 4])
    expect(await seqs({ after: 30 })).toEqual([])
  })

  test("finds an event by its id, and knows that it is not there", async () => {
    const sessionID = session()
    const bodies = Array.from({ length: 50 }, (_, index) => note(String(index)))
    for (const [after, body] of bodies.entries()) await append(sessionID, after, body)
    expect(await Log.fromID(sessionID, bodies[3]?.id ?? "")).toMatchObject({ seq: 4 })
    expect(await Log.fromID(sessionID, eventID())).toBeUndefined()
  })

  test("shows an event of a later version raw", () => {
    const place = { sessionID: session(), seq: 1, at: 1, actor: system }
    expect(Log.decode({ ...place, id: eventID(), kind: "hologram", shape: 3 })).toMatchObject({
      seq: 1,
      kind: "unknown",
      raw: { kind: "hologram", shape: 3 },
    })
  })

  test("shortens any body to one that is still valid", () => {
    const json = fc.jsonValue({ maxDepth: 6 })
    const call = fc.record({
      type: fc.constant("call" as const),
      id: fc.string({ minLength: 1, maxLength: 20 }),
      name: fc.string(),
      input: fc.dictionary(fc.string(), json),
    })
    const text = fc.record({
      type: fc.constant("text" as const),
      text: fc.string({ maxLength: 30_000, unit: "binary" }),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(call, text), { maxLength: 40 }), (content) => {
        const body = output(Identifier.create("turn"), { content: content as Log.Block[] })
        const short = Log.decode({ sessionID: session(), seq: 1, at: 1, actor: system, ...JSON.parse(shorten(body)) })
        expect(short.kind).toBe("output")
      }),
      { numRuns: 100 },
    )
  })
})
