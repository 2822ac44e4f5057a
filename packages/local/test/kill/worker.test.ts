import { afterAll, beforeAll, expect, test, vi } from "vitest"
import type { Server } from "../../../worker/test/script/index.ts"
import { folder, start, type System, workerOf } from "../system.ts"
import { check } from "./check.ts"
import { serve } from "./model.ts"
import { random } from "./random.ts"
import { follow, isAnswered } from "./session.ts"

/**
 * Workers are killed with SIGKILL at seeded points: when the n-th event of a turn is seen, when the n-th
 * request reaches the model, in the middle of its answer, and while the next worker boots.
 * KILL_SESSIONS and KILL_SEED make it more, and other, points.
 */
const sessions = Number(process.env["KILL_SESSIONS"] ?? 9)
const firstSeed = Number(process.env["KILL_SEED"] ?? 1)
const rounds = 7
/** Sessions at a time. */
const width = 4
const ways = ["event", "event", "request", "stream", "boot"] as const

/** What to do when the `request`-th request for a message reaches the model. */
interface Plan {
  request: number
  way: "request" | "stream"
  act(): void
}

let home: Awaited<ReturnType<typeof folder>>
let model: Server
let system: System
/** By the name of the message that is open. */
const plans = new Map<string, Plan>()
let kills = 0

beforeAll(async () => {
  home = await folder()
  model = await serve(onRequest)
  system = await start({
    home: home.path,
    env: { LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url },
  })
})

afterAll(async () => {
  await system.end("SIGTERM")
  await model.close()
  await home.remove()
})

function onRequest(names: string[]) {
  for (const name of names) {
    const plan = plans.get(name)
    if (!plan || --plan.request > 0) continue
    plans.delete(name)
    if (plan.way === "request") plan.act()
    else setImmediate(plan.act)
    return plan.way === "stream" ? "hang" : "answer"
  }
  return "answer"
}

/** Kills the session's worker; answers with its process id, if there was one. */
async function kill(sessionID: string) {
  const pid = await workerOf(home.path, sessionID)
  if (pid === undefined) return undefined
  process.kill(pid, "SIGKILL")
  kills++
  return pid
}

/** Kills the worker that takes over as soon as it has a process, long before it has joined. */
async function killNext(sessionID: string, before: number, isDone: () => boolean) {
  const look = async () => {
    const pid = await workerOf(home.path, sessionID)
    // None comes where there is nothing left to do.
    expect(pid !== before && (pid !== undefined || isDone())).toBe(true)
    return pid
  }
  if ((await vi.waitFor(look, { timeout: 60_000, interval: 5 })) !== undefined) await kill(sessionID)
}

async function play(seed: number) {
  const dice = random(seed)
  const text = (name: string) => `[${name} ${dice.int(1, 3)}]`
  const session = await system.api.create({ message: text(`m${seed}x0`) })
  const log = await follow(system.api, session.id)
  let sent = 1
  async function say(name: string) {
    sent++
    await system.api.send(session.id, { message: text(name) })
  }
  const isDone = () => log.events.filter((event) => event.kind === "message").length === sent && isAnswered(log.events)

  for (let round = 1; round <= rounds; round++) {
    const name = `m${seed}x${round}`
    const way = ways[dice.int(0, ways.length - 1)] ?? "event"
    const count = dice.int(1, 7)
    const steered = dice.chance(0.3)
    const from = log.events.length
    if (way === "request" || way === "stream") {
      const killed = new Promise((resolve) => {
        plans.set(name, { request: dice.int(1, 2), way, act: () => resolve(kill(session.id)) })
      })
      await say(name)
      await killed
    } else {
      await say(name)
      await log.when(() => log.events.length >= from + count || isDone())
      if (steered) await say(`s${seed}x${round}`)
      const pid = await kill(session.id)
      if (way === "boot" && pid !== undefined) await killNext(session.id, pid, isDone)
    }
    await log.when(isDone)
  }

  expect(await system.api.get(session.id)).toMatchObject({ status: "idle", unread: [] })
  check(log.events)
  await log.close()
}

test("no killed worker loses, doubles or forges anything", { timeout: 60_000 + 45_000 * sessions }, async () => {
  const seeds = Array.from({ length: sessions }, (_, index) => firstSeed + index)
  async function work() {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) await play(seed)
  }
  await Promise.all(Array.from({ length: width }, work))
  expect(model.faults).toEqual([])
  expect(kills).toBeGreaterThanOrEqual(sessions * (rounds - 1))
})
