import { Client } from "@remote-swe/core/client"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Fake } from "../../../slack/test/fake/index.ts"
import * as Chromium from "../browser/chromium.ts"
import * as Issuer from "../browser/sign-in-issuer.ts"
import { expected, fillIn } from "../browser/sign-in-system.ts"
import { start, type World } from "./world.ts"

/** The bundles with what belongs to people: where they sign in, Slack, and triggers. */

let world: World
let issuer: Issuer.Issuer
let slack: Fake.Server
let key = ""

beforeAll(async () => {
  issuer = await Issuer.start()
  slack = await Fake.start()
  world = await start({
    ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: Issuer.client.id, OIDC_CLIENT_SECRET: Issuer.client.secret },
    ...{ SLACK_BOT_TOKEN: Fake.botToken, SLACK_SIGNING_SECRET: Fake.signingSecret, SLACK_API_URL: slack.url },
    SLACK_ADMIN_USER_ID_LIST: "U0BOSS",
  })
  issuer.serve(world.url)
  key = await world.apiKey()
})
afterAll(async () => {
  await world.stop()
  await Promise.all([slack.close(), issuer.close()])
})

describe("Slack", () => {
  const knock = (payload: object, more: Parameters<typeof Fake.sign>[1] = {}) =>
    fetch(`${world.url}/slack/events`, { method: "POST", ...Fake.sign(payload, more) })
  const mention = (user: string, ts: string) => Fake.event({ user, ts, text: Fake.mention("Say hello") })

  test("a mention goes in by the door, and the answer comes back to the thread", async () => {
    const ts = slack.next()
    expect((await knock(mention("U0BOSS", ts))).status).toBe(200)
    await slack.when(() => slack.marks(ts).includes("white_check_mark"))
    const texts = slack.texts(ts)
    expect(texts[0]).toContain("On it.")
    expect(texts.length).toBeGreaterThan(1)
    const { items } = await Client.create({ url: world.url, key }).list()
    expect(items.filter(({ title }) => title === "Say hello")).toHaveLength(1)
    expect(slack.faults).toEqual([])
  })

  test("whoever may not is told so, and who is not Slack gets no further than the door", async () => {
    const ts = slack.next()
    expect((await knock(mention("U0BOSS", ts), { secret: "guessed" })).status).toBe(401)
    expect((await knock(mention("U0ANN", ts))).status).toBe(200)
    await slack.when(() => slack.texts(ts).some((text) => text.includes("You may not give me tasks")))
    expect(slack.texts(ts)).toHaveLength(1)
  })
})

test("a trigger rings by its schedule, and starts one session for one time", async () => {
  const headers = { "x-api-key": key, "content-type": "application/json" }
  const body = JSON.stringify({
    name: "Each morning",
    schedule: { type: "rate", every: 1, unit: "days" },
    action: { type: "session", message: "Say hello" },
  })
  const made = await fetch(`${world.url}/api/v1/triggers`, { method: "POST", headers, body })
  expect(made.status).toBe(201)
  const { id, state } = (await made.json()) as { id: string; state: { next: number } }
  expect(world.scheduler.schedules.get(id)).toMatchObject({ ScheduleExpression: "rate(1 day)" })
  for (let count = 0; count < 2; count++) await world.scheduler.ring(id, new Date(state.next))
  const { items } = await Client.create({ url: world.url, key }).list()
  expect(items.filter(({ title }) => title === "Each morning")).toHaveLength(1)
  expect((await fetch(`${world.url}/api/v1/triggers/${id}`, { method: "DELETE", headers })).status).toBe(204)
  expect(world.scheduler.schedules.has(id)).toBe(false)
})

const program = Chromium.find()
describe.skipIf(!program)("the dashboard", () => {
  test("somebody signs in at the issuer, works as themselves, and signs out", async () => {
    const browser = await Chromium.launch(program ?? "")
    const { page, context, problems } = await browser.visit({})
    await page.goto(`${world.url}/settings`)
    await fillIn(page, "ada")
    await page.waitForURL(`${world.url}/settings`)
    await page.getByRole("button", { name: "Make a key" }).waitFor()
    const cookie = (await context.cookies(world.url)).find(({ name }) => name === "swe_person")
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" })
    await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).click()
    await page.getByRole("menuitem", { name: "Sign out" }).click()
    await page.getByRole("button", { name: "Yes, sign me out" }).click()
    await page.waitForURL(`${world.url}/auth/out`)
    const again = await fetch(`${world.url}/settings`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}`, accept: "text/html" },
      redirect: "manual",
    })
    expect(again.headers.get("location")).toContain("/auth/login")
    expect(problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)))).toEqual([])
    await browser.close()
  })
})
