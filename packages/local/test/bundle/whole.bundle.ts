import { statSync } from "node:fs"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { Client } from "@remote-swe/core/client"
import mqtt from "mqtt"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as Chromium from "../browser/chromium.ts"
import { cases } from "../browser/demo.ts"
import { visiting } from "../browser/harness.ts"
import { suggested } from "../demo/suggested.ts"
import * as Deployment from "./deployment.ts"
import { logsURL, start, type World } from "./world.ts"

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
})

test("the broker opens for a token of ours, and tells what is new", async () => {
  const api = Client.create({ url: world.url, key })
  const { id } = await api.create({ message: "Say hello" })
  const { url, token, topic } = await world.realtime(id)
  const connect = (password: string) =>
    mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, username: "", password, clientId: "test" })
  await expect(connect(`${token}x`)).rejects.toThrow("Not authorized")
  const client = await connect(token)
  await client.subscribeAsync(topic)
  const heard = new Promise<string>((resolve) =>
    client.on("message", (_, payload) => payload.includes("And goodbye") && resolve(payload.toString())),
  )
  const { seq } = await api.send(id, { message: "And goodbye" })
  expect(JSON.parse(await heard)).toMatchObject({ seq })
  await client.endAsync()
})

test("the launcher gives back what it could not do, and nothing else", async () => {
  const { id } = await Client.create({ url: world.url, key }).create({ message: "Say hello" })
  const Records = [
    { messageId: "broken", body: "{" },
    { messageId: "good", body: JSON.stringify({ sessionID: id }) },
  ]
  const answer = await world.lambdas.launcher.call({ Records })
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "broken" }] })
})

test("the sweeper finds a session whose machine is gone, and starts another", async () => {
  const api = Client.create({ url: world.url, key })
  const { id } = await api.create({ message: "Say hello" })
  const hosts: number[] = []
  for await (const event of api.stream(id)) {
    if (event.kind !== "joined") continue
    hosts.push(event.generation)
    if (hosts.length > 1) break
    world.crash(id)
    await api.send(id, { message: "Say it again" })
    await world.sweep()
  }
  expect(hosts).toEqual([1, 2])
})

test.each([
  ["web", 1_000_000],
  ["api", 1_000_000],
  ["launcher", 1_000_000],
  ["authorizer", 100_000],
] as const)("the bundle of %s has at most %d bytes", async (name, most) => {
  const { folder } = Deployment.find(await Deployment.read(), name)
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => statSync(path.join(file.parentPath, file.name)).size)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(most)
})

test("a function answers to nobody who does not come through the router", async () => {
  for (const [name, port] of Object.entries(world.doors)) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health`, { headers: { "x-origin-key": "guessed" } })
    expect(answer.status, name).toBe(403)
  }
  expect((await fetch(`${world.url}/api/v1/health`)).status).toBe(200)
})

const program = Chromium.find()
if (!program) process.stderr.write(`The dashboard is not tested. ${Chromium.missing}\n`)
describe.skipIf(!program)("the dashboard", () => {
  let browser: Chromium.Browser
  beforeAll(async () => {
    browser = await Chromium.launch(program ?? "")
  })
  afterAll(() => browser.close())

  test("a session's details lead to its machine's log", async () => {
    const { items } = await Client.create({ url: world.url, key }).list()
    const session = items.find(({ generation }) => generation > 0)
    await visiting({ browser, demo: { url: world.url, key } }, {}, async ({ page }) => {
      await page.goto(`${world.url}/session/${session?.id}`)
      const address = await page.getByRole("link", { name: "Open in CloudWatch" }).getAttribute("href")
      expect(address).toBe(`${logsURL}/log-events/${session?.id}$252F${session?.generation}`)
    })
  })

  test.each(cases)("$name", async ({ run }) => {
    await run({ browser, demo: { url: world.url, key } })
  })
})
