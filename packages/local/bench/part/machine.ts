/** The worker as a machine runs it: the deployed program, with hosts that another process starts. */
import { once } from "node:events"
import { cannotBoot, serve } from "../../../../worker-ami/test/machine.ts"
import { make } from "../../../../worker-ami/test/root.ts"
import * as Deployed from "../../test/machine/deployed.ts"
import * as Model from "../model.ts"
import { report, say, withFolder } from "../part.ts"
import { weigh } from "../system.ts"
import type { Row } from "../table.ts"

const count = Number(process.env["BENCH_COUNT"] ?? 20)
const calls = 50
const boots = 3

await withFolder(async (folder) => {
  const model = await Model.start(({ answers, said }) =>
    said.includes("work") && answers < calls
      ? { calls: [{ name: "bash", input: { command: `echo ${answers}` } }] }
      : { text: "Done." },
  )
  const { client, workers, bytes, close } = await Deployed.start({ folder, model: model.url, idleMs: 500 })

  /** Runs a session to its worker's end, and gives how long that took to join, and what it weighed after its work. */
  async function session(message: string) {
    const { id } = await client.create({ message })
    const measured = { joined: 0, weight: 0 }
    for await (const event of client.stream(id)) {
      const worker = workers.get(id)
      if (event.kind === "joined") measured.joined = event.at - (worker?.startedAt ?? 0)
      if (event.kind === "turn" && event.turn.phase === "ended")
        measured.weight = (await weigh(worker?.child.pid ?? 0)).own
      if (event.kind !== "left") continue
      if (worker?.child.exitCode === null) await once(worker.child, "exit")
      return measured
    }
    throw new Error("The session ended before its worker left")
  }

  const starts: number[] = []
  for (let index = 0; index < count; index++) starts.push((await session("Say hello")).joined)
  const weights: number[] = []
  for (let index = 0; index < 3; index++) weights.push((await session("Please work")).weight)
  await close()
  model.close()
  await report(
    {
      name: "machine: worker process to joined",
      unit: "ms",
      samples: starts,
      aim: "≤ 1 s",
      how: `the deployed program (${Math.round(bytes / 1024)} KB) as a process, with a host over a socket, against the API on embedded servers of the same machine: from its start until its \`joined\` is in the log, ${count} times`,
    },
    {
      name: "machine: daemon after 50 calls",
      unit: "MB",
      samples: weights,
      how: `resident memory of the worker's process at the end of a turn with ${calls} commands, three times`,
    },
    ...(await booted()),
  )
})
process.exit()

/** With a real systemd around it, where that can be had. */
async function booted(): Promise<Row[]> {
  if (cannotBoot()) return []
  const root = await make()
  const samples: number[] = []
  for (let index = 0; index < boots; index++) {
    say(`boot ${index + 1} of ${boots}`)
    const { startedAt, of } = await serve(root, { tasks: [{ message: "Say hello", calls: [] }] })
    samples.push(...of("joined").map(({ at }) => at - startedAt))
  }
  await root.remove()
  const how = `a Debian with everything installed, booted by systemd-nspawn in a network of its own: from the call until \`joined\` is in the log, the program fetched and the role proven on the way, ${boots} times; a kernel and EC2 come on top`
  return [{ name: "machine: boot to joined", unit: "ms", samples, how }]
}
