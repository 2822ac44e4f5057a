import { mkdir } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Server } from "../../../worker/test/script/index.ts"
import { folder, processesWith, start, type System } from "../system.ts"
import { check } from "./check.ts"
import { serve } from "./model.ts"
import { random } from "./random.ts"
import { follow, isAnswered } from "./session.ts"

/** The whole system is killed with SIGKILL at seeded points, and started again on the same folder. */
const kills = Number(process.env["KILL_SYSTEM"] ?? 5)
const seed = Number(process.env["KILL_SEED"] ?? 1)
const width = 3

let home: Awaited<ReturnType<typeof folder>>
let model: Server
let system: System
let port = 0

beforeAll(async () => {
  home = await folder()
  model = await serve(() => "answer")
})

afterAll(async () => {
  await system?.end("SIGTERM")
  await model.close()
  await home.remove()
})

async function boot() {
  const temporary = path.join(home.path, "tmp")
  await mkdir(temporary, { recursive: true })
  system = await start({
    home: path.join(home.path, "home"),
    port,
    env: {
      LLM_PROVIDER: "anthropic",
      ANTHROPIC_API_KEY: "test",
      ANTHROPIC_BASE_URL: model.url,
      TMPDIR: temporary,
    },
  })
  port = system.port
}

test("a system that is killed again and again goes on where it was", { timeout: 60_000 * (kills + 2) }, async () => {
  const dice = random(seed)
  await boot()
  const { key } = system
  const bytes = Buffer.from("kept")
  const file = await system.api.upload("kept.txt", "text/plain", bytes)
  const sessions = await Promise.all(
    Array.from({ length: width }, (_, index) => system.api.create({ message: `[a${index} 3]` })),
  )

  for (let round = 0; round < kills; round++) {
    const logs = await Promise.all(sessions.map(({ id }) => follow(system.api, id)))
    const victim = logs[dice.int(0, width - 1)]
    const count = dice.int(1, 12)
    const before = victim?.events.length ?? 0
    await Promise.all(
      sessions.map(async ({ id }, index) => {
        if (round > 0) await system.api.send(id, { message: `[b${index}x${round} ${dice.int(1, 3)}]` })
      }),
    )
    await victim?.when(() => victim.events.length >= before + count || isAnswered(victim.events))
    await system.end("SIGKILL")
    await Promise.all(logs.map((log) => log.close()))
    await boot()
    expect(system.key).toBe(key)
  }

  for (const { id } of sessions) {
    const log = await follow(system.api, id)
    const { head } = await system.api.get(id)
    await log.when(() => log.events.length >= head && isAnswered(log.events))
    // What was said while the system was up is there, whatever came after.
    expect(log.events.filter((event) => event.kind === "message")).toHaveLength(kills)
    expect(await system.api.get(id)).toMatchObject({ status: "idle", unread: [] })
    check(log.events)
    await log.close()
  }
  const { items } = await system.api.list()
  expect(items.map((item) => item.id).toSorted()).toEqual(sessions.map((item) => item.id).toSorted())
  expect(Buffer.from(await system.api.download(file))).toEqual(bytes)
  expect(model.faults).toEqual([])

  expect(await system.end("SIGTERM")).toEqual({ code: 0, signal: null })
  if (process.platform === "linux") expect(await processesWith(home.path)).toEqual([])
})
