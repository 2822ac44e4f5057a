/** From the outside, over HTTP: a new session, and how long until its worker asks the model. */
import * as Model from "../model.ts"
import { report, say, withFolder } from "../part.ts"
import { key, start, until } from "../system.ts"

const count = Number(process.env["BENCH_COUNT"] ?? 40)

await withFolder(async (home) => {
  const asked: number[] = []
  const model = await Model.start(() => ({ text: "Done." }), { onRequest: (at) => asked.push(at) })
  const system = await start(home, model.url)
  const created: number[] = []
  const cold: number[] = []
  for (let index = 0; index < count; index++) {
    if (index % 10 === 0) say(`${index} of ${count}`)
    const before = asked.length
    const begun = performance.now()
    const response = await fetch(`${system.url}/api/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify({ message: `Say done (${index})` }),
    })
    const { id } = (await response.json()) as { id: string }
    if (response.status !== 201) throw new Error(`POST /sessions answered ${response.status}`)
    created.push(performance.now() - begun)
    cold.push((await until(() => asked[before], "the worker's request")) - begun)
    // Its worker has to be gone, or it would take part in the next measurement.
    for await (const event of system.client.stream(id)) if (event.kind === "left") break
  }
  const idle = await fetchTimes(`${system.url}/api/v1/health`)
  await system.stop()
  model.close()
  await report(
    {
      name: "POST /sessions",
      unit: "ms",
      samples: created,
      aim: "p50 ≤ 25 ms",
      how: `${count} sessions over HTTP on loopback, from sending the request to the end of the answer, one after the other, each after the worker of the one before has left`,
    },
    {
      name: "GET /health, for comparison",
      unit: "ms",
      samples: idle,
      how: "200 requests to the same server, without a table behind them",
    },
    {
      name: "POST /sessions to the model's first request",
      unit: "ms",
      samples: cold,
      how: "the same sessions: from sending POST /sessions until the new worker's first request has reached the model (launcher, process start, sandbox, joining, prompt)",
    },
  )
})
process.exit()

async function fetchTimes(url: string) {
  const samples: number[] = []
  for (let index = 0; index < 200; index++) {
    const begun = performance.now()
    await (await fetch(url)).arrayBuffer()
    samples.push(performance.now() - begun)
  }
  return samples
}
