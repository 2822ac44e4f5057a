import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import * as v from "valibot"
import { afterEach, expect } from "vitest"
import { agent as create, type Agent, only, outcome, type Provider, type Settings } from "../util.ts"

let it: Agent | undefined

/** Agents whose model is reached by one provider's adapter. */
export const over = (provider: Provider) => ({
  async agent(settings: Settings = {}) {
    it = await create({ provider, ...settings })
    return it
  },
  /** One that the test closes by itself. */
  fresh: (settings: Settings = {}) => create({ provider, ...settings }),
})

/** The test's agent is gone for good. */
export function abandon() {
  it = undefined
}

/** Whatever happened: every request was valid, and the session goes on. */
afterEach(async () => {
  if (!it) return
  it.server.push(Script.text("I am still here."))
  const events = await it.ask("Are you still there?")
  expect(outcome(events)).toMatchObject({ outcome: "done" })
  expect(only(events, "output").at(-1)?.content).toEqual([{ type: "text", text: "I am still here." }])
  expect(it.server.faults).toEqual([])
  expect(it.errors).toEqual([])
  await it.close()
})

export const kinds = (events: readonly { kind: string }[]) => events.map((event) => event.kind)

/** A tool that waits until the test lets it go on. */
export function gate(parallel = false) {
  const started = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const tool = Tool.define({
    name: "gate",
    description: "Waits.",
    input: v.strictObject({}),
    parallel,
    async execute() {
      started.resolve()
      await go.promise
      return "through"
    },
  })
  return { tool, started: started.promise, go: go.resolve }
}
