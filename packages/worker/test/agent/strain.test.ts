import type { BodyOf } from "@remote-swe/core/log/schema"
import { expect, test } from "vitest"
import type { Vitals } from "../../src/sandbox/strain.ts"
import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import { agent, Echo, only, resultTexts } from "../util.ts"

const { call, calls, text } = Script

const work = [calls(call("build", { text: "" })), calls(call("build", { text: "" })), text("Done.")]
const build = (output: string) => Tool.define({ ...Echo, name: "build", parallel: false, execute: async () => output })
const calm: Vitals = {
  group: "/a",
  memory: { ended: 0 },
  processes: { refused: { own: 0, all: 0 }, now: 1, limit: 100 },
  disk: { free: 1e9, size: 2e9 },
}
const codes = (events: BodyOf<"notice">[]) => events.map(({ code }) => code)

test("what commands ran short of stands in each result that was hit, and people are told once in a turn", async () => {
  const hit = (ended: number) => ({ ...calm, memory: { ended } })
  const { server, ask } = await agent({ tools: [build("Killed")], vitals: [calm, hit(1), hit(2), hit(3), hit(3)] })
  server.push(...work, ...work)
  const first = await ask("Go")
  expect(resultTexts(first)).toEqual([
    expect.stringMatching(/^Killed\n+\[Out of memory/),
    expect.stringContaining("Out of"),
  ])
  expect(codes(only(first, "notice"))).toEqual(["machine.memory"])
  const second = await ask("Once more")
  expect(resultTexts(second).map((said) => said.includes("Out of memory"))).toEqual([true, false])
  expect(codes(only(second, "notice"))).toEqual(["machine.memory"])
  expect(server.faults).toEqual([])
})

test("everything that runs is ended where no command could be started after it", async () => {
  const hit = (all: number) => ({ ...calm, processes: { refused: { own: 0, all }, now: 99, limit: 100 } })
  const { server, ask, resets } = await agent({ tools: [build("fork")], vitals: [calm, hit(9), hit(12), hit(12)] })
  server.push(...work)
  const [first, second] = resultTexts(await ask("Go"))
  expect(first).toContain("Everything that was running was ended")
  expect(second).toBe("fork")
  expect(resets()).toBe(1)
})

test("a machine without limits has nothing to say", async () => {
  const { server, ask } = await agent({ tools: [build("fine")] })
  server.push(...work)
  expect(resultTexts(await ask("Go"))).toEqual(["fine", "fine"])
})
