/** What the loop adds to a model and a tool that take no time, and what the processes weigh. */
import * as Model from "../model.ts"
import { report, say, withFolder } from "../part.ts"
import { start, weigh } from "../system.ts"

const calls = 200
const sessions = 3
/** Answers of the model around which we look. */
const windows = [
  { name: "turn 1 to 10", from: 1, to: 10 },
  { name: "turn 96 to 105", from: 96, to: 105 },
  { name: "turn 191 to 200", from: 191, to: 200 },
]

// The last worker stays until it has been weighed.
process.env["BENCH_IDLE_MINUTES"] = "5"

await withFolder(async (home) => {
  let last: number | undefined
  let gaps: number[] = []
  const model = await Model.start(
    ({ answers }) =>
      answers < calls ? { calls: [{ name: "title", input: { title: `Step ${answers}` } }] } : { text: "Done." },
    {
      onAnswer: (at) => void (last = at),
      onRequest: (at) => {
        if (last !== undefined) gaps.push(at - last)
        last = undefined
      },
    },
  )
  const system = await start(home, model.url)
  const resting = (await weigh(system.pid)).own
  const samples = windows.map(() => [] as number[])
  const weights: { worker: number; sandbox: number }[] = []
  for (let index = 0; index < sessions; index++) {
    say(`session ${index + 1} of ${sessions}`)
    gaps = []
    last = undefined
    const { id } = await system.client.create({ message: "Count" })
    for await (const event of system.client.stream(id)) if (event.kind === "turn" && event.turn.phase === "ended") break
    for (const [at, { from, to }] of windows.entries()) samples[at]?.push(...gaps.slice(from - 1, to))
    const worker = (await weigh(system.pid)).children.at(-1)
    if (worker) weights.push({ worker: worker.own, sandbox: worker.below })
  }
  const after = (await weigh(system.pid)).own
  await system.stop()
  model.close()

  await report(
    ...windows.map(({ name }, at) => ({
      name: `loop overhead, ${name}`,
      unit: "ms" as const,
      samples: samples[at] ?? [],
      aim: "≤ 10 ms, flat",
      how: `from the last byte of an answer that calls the tool title until the next request has come in whole, in ${sessions} sessions of ${calls} calls; three events are appended in between (output, title, result)`,
    })),
    {
      name: "worker's process",
      unit: "MB",
      samples: weights.map((item) => item.worker),
      aim: "≤ 150 MB",
      how: `resident memory after ${calls} calls`,
    },
    {
      name: "worker's sandbox",
      unit: "MB",
      samples: weights.map((item) => item.sandbox),
      how: "resident memory of all processes that the worker has started, shared pages counted for each of them",
    },
    {
      name: "control plane",
      unit: "MB",
      samples: [resting, after],
      how: `resident memory of the one process with API, dashboard, broker, table and bucket: just started, and after ${sessions * calls} calls`,
    },
  )
})
process.exit()
