import { Client } from "@remote-swe/core/client"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as Chromium from "../browser/chromium.ts"
import { cases } from "../browser/demo.ts"
import { suggested } from "../demo/suggested.ts"
import { start, type World } from "./world.ts"

/** The main job on the bundles: the same tests as on the local system. */

let world: World
let key = ""

beforeAll(async () => {
  world = await start()
  key = await world.apiKey()
})
afterAll(() => world.stop())

test("a task by REST ends in its pull request", async () => {
  await suggested(Client.create({ url: world.url, key }), world.repository)
  await world.sweep()
  const { API = "", ...logs } = Object.fromEntries(
    Object.entries(world.lambdas).map(([name, lambda]) => [name, lambda.log()]),
  )
  expect(`${API}${Object.values(logs).join("")}`).not.toContain('"level":"error"')
})

test("a function answers to nobody who does not come through the router", async () => {
  for (const [name, port] of Object.entries(world.doors)) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health`, { headers: { "x-origin-key": "guessed" } })
    expect(answer.status, name).toBe(403)
  }
  expect((await fetch(`${world.url}/api/v1/health`)).status).toBe(200)
})

const program = Chromium.find()
describe.skipIf(!program)(`the dashboard${program ? "" : ` (${Chromium.missing})`}`, () => {
  let browser: Chromium.Browser
  beforeAll(async () => {
    browser = await Chromium.launch(program ?? "")
  })
  afterAll(() => browser.close())

  test.each(cases)("$name", async ({ run }) => {
    await run({ browser, demo: { url: world.url, key } })
  })
})
