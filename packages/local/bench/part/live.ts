/** 200 events a second into an open page. */
import { setTimeout as delay } from "node:timers/promises"
import { Client } from "@remote-swe/core/client"
import { Config } from "../../src/config.ts"
import { start } from "../../src/system.ts"
import * as Model from "../model.ts"
import { open } from "../page.ts"
import { report, say, withFolder } from "../part.ts"
import { key, until } from "../system.ts"

const perSecond = 200
const batch = 5
const seconds = 15
const total = perSecond * seconds

await withFolder(async (home) => {
  const browser = await open()
  if (!browser) {
    say("There is no Chromium here, so nothing was measured. On Debian or Ubuntu: apt-get install chromium")
    return
  }
  const model = await Model.start(() => ({ text: "Ready." }))
  const system = await start(
    Config.read({
      PORT: "0",
      REMOTE_SWE_HOME: home,
      REMOTE_SWE_API_KEY: key,
      LLM_PROVIDER: "anthropic",
      ANTHROPIC_API_KEY: "bench",
      ANTHROPIC_BASE_URL: model.url,
    }),
  )
  const { Actor } = await import("@remote-swe/core/actor")
  const { Identifier } = await import("@remote-swe/core/identifier")
  const { Session } = await import("@remote-swe/core/session")
  const client = Client.create({ url: `${system.url}/api/v1`, key })
  const { id } = await client.create({ message: "Wait" })
  for await (const event of client.stream(id)) if (event.kind === "turn" && event.turn.phase === "ended") break
  await browser.page.goto(`${system.url}/session/${id}`)
  await browser.page.evaluate("void (globalThis.times = bench.notices())")

  // The events are written as a worker writes its own: in groups, through the same function as its route.
  const { generation, head } = await client.get(id)
  const write = (after: number, numbers: number[]) =>
    Actor.provide({ type: "worker", sessionID: id, generation }, () =>
      Session.work({
        sessionID: id,
        generation,
        after,
        events: numbers.map((number) => ({
          id: Identifier.create("event"),
          kind: "notice" as const,
          level: "info" as const,
          code: "bench",
          text: `bench ${number}`,
        })),
      }),
    )
  const seen = async (number: number) => {
    const times = (await browser.page.evaluate("globalThis.times")) as Record<string, number>
    return times[number] === undefined ? undefined : times
  }
  // The page is listening once it shows the first one.
  let after = (await write(head, [total])).head
  await until(() => seen(total), "the first event in the page")
  const first = after
  say(`${total} events`)
  const begun = performance.now()
  for (let number = 0; number < total; number += batch) {
    await delay(Math.max(0, begun + (number / perSecond) * 1_000 - performance.now()))
    const numbers = Array.from({ length: batch }, (_, index) => number + index)
    after = (await write(after, numbers)).head
  }
  const rate = total / ((performance.now() - begun) / 1_000)

  const times = await until(() => seen(total - 1), "the last event in the page")
  const latencies: number[] = []
  for (let from = first; from < after;) {
    const { items } = await client.events(id, { after: from, limit: 500 })
    for (const event of items) {
      const [, number] = event.kind === "notice" ? (/bench (\d+)/.exec(event.text) ?? []) : []
      const shown = number === undefined ? undefined : times[number]
      if (shown !== undefined) latencies.push(Math.max(0, shown - event.at))
      from = event.seq
    }
  }
  await browser.close()
  await system.stop()
  model.close()
  await report({
    name: "event to DOM at 200 events/s",
    unit: "ms",
    samples: latencies,
    aim: "p95 ≤ 50 ms",
    how: `${total} events in groups of ${batch} (${rate.toFixed(0)} a second were reached), from the time in the log, which is taken before the event is stored, until it is in the page of a headless Chromium on the same machine; table, API, broker and the page's own frame in between`,
  })
})
process.exit()
