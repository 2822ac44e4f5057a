/** 200 sessions that are all unfinished at the same time, to their ends; then the logs are audited. */
import { Client } from "@remote-swe/core/client"
import type { Read } from "@remote-swe/core/log/schema"
import * as Model from "../model.ts"
import { report, say, withFolder } from "../part.ts"
import { key, start, weigh } from "../system.ts"

const count = Number(process.env["BENCH_COUNT"] ?? 200)
const turns = 2
const calls = 3
/**
 * The launcher starts a worker for each session that needs one, without a bound, and 200 of them would
 * be more than 20 GB. So a session gets its next message when one of these places is free.
 */
const atOnce = Number(process.env["BENCH_WORKERS"] ?? 10)

await withFolder(async (home) => {
  const model = await Model.start(({ answers, said }) =>
    answers < calls ? { calls: [{ name: "title", input: { title: `Step ${answers}` } }] } : { text: `Read: ${said}` },
  )
  const system = await start(home, model.url)
  const client = Client.create({ url: `${system.url}/api/v1`, key })
  const durations: number[] = []
  let most = 0
  let done = 0
  const begun = performance.now()

  // Each session is opened before any of them has had its last turn.
  const ids: string[] = []
  await pool(count, async (index) => {
    const start = performance.now()
    const { id } = await client.create({ message: `session ${index} message 1` })
    ids[index] = id
    await turnEnded(id, 1)
    durations.push(performance.now() - start)
    most = Math.max(most, (await weigh(system.pid)).children.length)
    if (++done % 50 === 0) say(`${done} of ${count} sessions have had their first turn`)
  })
  for (let turn = 2; turn <= turns; turn++)
    await pool(count, async (index) => {
      const start = performance.now()
      await client.send(ids[index] ?? "", { message: `session ${index} message ${turn}` })
      await turnEnded(ids[index] ?? "", turn)
      durations.push(performance.now() - start)
      if (++done % 50 === 0) say(`${done - count * (turn - 1)} of ${count} have had turn ${turn}`)
    })
  const seconds = (performance.now() - begun) / 1_000

  const faults = (await Promise.all(ids.map((id, index) => audit(id, index)))).flat()
  for (const fault of faults.slice(0, 20)) say(fault)
  const rss = (await weigh(system.pid)).own
  await system.stop()
  model.close()
  await report(
    {
      name: `turn of one of ${count} sessions`,
      unit: "ms",
      samples: durations,
      how: `${count} sessions of ${turns} turns with ${calls} tool calls each, all open at once and ${atOnce} working at any time, since the launcher itself has no bound; from sending a message to the end of its turn, starting a worker included. All took ${seconds.toFixed(0)} s; ${most} workers were alive at most`,
    },
    {
      name: "lost, doubled or out of place",
      unit: "",
      samples: [faults.length],
      aim: "0",
      how: "every log was read again: no gap, every message read exactly once and in order, every call with exactly one result, every turn done, the answer to the right message",
    },
    { name: "control plane afterwards", unit: "MB", samples: [rss], how: "resident memory after these sessions" },
  )
  if (faults.length > 0) process.exitCode = 1

  async function pool(size: number, work: (index: number) => Promise<void>) {
    let next = 0
    const lane = async () => {
      while (next < size) await work(next++)
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
  }

  async function turnEnded(id: string, wanted: number) {
    let ended = 0
    for await (const event of client.stream(id)) {
      if (event.kind === "turn" && event.turn.phase === "ended") ended++
      if (ended === wanted) return
    }
  }

  async function audit(id: string, index: number) {
    const events: Read[] = []
    for (;;) {
      const { items } = await client.events(id, { after: events.at(-1)?.seq ?? 0, limit: 500 })
      if (items.length === 0) break
      events.push(...items)
    }
    const found: string[] = []
    const fault = (condition: boolean, text: string) => void (condition && found.push(`session ${index}: ${text}`))
    fault(
      events.some((event, at) => event.seq !== at + 1),
      "a gap",
    )
    const messages = events.filter((event) => event.kind === "message")
    fault(messages.length !== turns, `${messages.length} messages`)
    const read = events.flatMap((event) => {
      if (event.kind === "output") return event.read
      return event.kind === "turn" && event.turn.phase === "started" ? event.turn.read : []
    })
    fault(read.join() !== messages.map((event) => event.seq).join(), `read ${read.join()}`)
    const asked = events.flatMap((event) =>
      event.kind === "output" ? event.content.flatMap((block) => (block.type === "call" ? [block.id] : [])) : [],
    )
    const answered = events.flatMap((event) => (event.kind === "result" ? [event.callID] : []))
    fault(asked.length !== turns * calls, `${asked.length} calls`)
    fault(asked.toSorted().join() !== answered.toSorted().join(), "calls and results differ")
    const said = events.flatMap((event) =>
      event.kind === "output" ? event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) : [],
    )
    const expected = messages.map((event) => event.text)
    fault(said.length !== turns || !said.every((text, at) => text.includes(expected[at] ?? "?")), `said ${said.join()}`)
    const outcomes = events.flatMap((event) =>
      event.kind === "turn" && event.turn.phase === "ended" ? [event.turn.outcome] : [],
    )
    fault(outcomes.join() !== Array(turns).fill("done").join(), `outcomes ${outcomes.join()}`)
    return found
  }
})
process.exit()
