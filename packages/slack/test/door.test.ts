import { isValidSlackRequest } from "@slack/bolt"
import fc from "fast-check"
import { afterEach, describe, expect, test } from "vitest"
import { handler } from "../src/handler.ts"
import { Fake } from "./fake/index.ts"
import { queue } from "./place.ts"
import { knock } from "./util.ts"

const said = (text = Fake.mention("Hi")) => Fake.event({ text, ts: "1700000001.000100" })

afterEach(() => {
  queue.state.broken = false
  queue.sent.length = 0
})

/** A function's own address calls it like this; forms come in base64. */
function invoke({ body, headers }: ReturnType<typeof Fake.sign>, isBase64Encoded = false) {
  return handler({
    headers,
    body: isBase64Encoded ? Buffer.from(body).toString("base64") : body,
    isBase64Encoded,
  })
}

describe("the door", () => {
  test("stores what Slack signed and answers at once", async () => {
    expect(await knock(said())).toMatchObject({ status: 200, body: "" })
    expect(queue.sent).toEqual([expect.objectContaining({ type: "event_callback" })])
  })

  test("answers Slack's question whether we are there", async () => {
    const { status, body } = await knock({ type: "url_verification", challenge: "abc", token: "x" })
    expect([status, JSON.parse(body)]).toEqual([200, { challenge: "abc" }])
    expect(queue.sent).toEqual([])
  })

  test.each([
    ["another secret", { secret: "another" }],
    ["an old request", { at: Date.now() - 301_000 }],
    ["one from the future", { at: Date.now() + 301_000 }],
  ])("refuses %s", async (_, how) => {
    expect(await knock(said(), how)).toMatchObject({ status: 401 })
    expect(queue.sent).toEqual([])
  })

  test("refuses what was changed on the way, and what is not signed", async () => {
    const { answer } = await import("../src/door.ts")
    const { body, headers } = Fake.sign(said())
    const secret = Fake.signingSecret
    for (const [changed, given] of [
      [`${body} `, headers],
      [body, { ...headers, "x-slack-signature": "" }],
      [body, { ...headers, "x-slack-signature": headers["x-slack-signature"].replace("v0=", "v1=") }],
      [body, { ...headers, "x-slack-request-timestamp": "soon" }],
      [body, {}],
    ] as const)
      expect(await answer({ headers: given, body: changed, secret })).toMatchObject({ status: 401 })
    expect(await answer({ headers, body, secret: "" })).toMatchObject({ status: 401 })
    expect(queue.sent).toEqual([])
  })

  test("agrees with Bolt on which requests are Slack's", async () => {
    const { verify } = await import("@remote-swe/core/slack/signature")
    const change = fc.constantFrom("none", "body", "secret", "signature", "age")
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), change, async (text, kind) => {
        const at = kind === "age" ? Date.now() - 400_000 : Date.now()
        const { headers, body } = Fake.sign({ text }, { at, ...(kind === "secret" && { secret: "x" }) })
        const given = kind === "body" ? `${body}x` : body
        const signature = kind === "signature" ? `v0=${"0".repeat(64)}` : headers["x-slack-signature"]
        const timestamp = headers["x-slack-request-timestamp"]
        const bolts = isValidSlackRequest({
          signingSecret: Fake.signingSecret,
          body: given,
          headers: { "x-slack-signature": signature, "x-slack-request-timestamp": Number(timestamp) },
        })
        const ours = verify({ secret: Fake.signingSecret, signature, timestamp, body: given, now: Date.now() })
        expect(ours).toBe(bolts)
        expect(ours).toBe(kind === "none")
      }),
    )
  })

  test("stores nothing that is none of our business", async () => {
    for (const event of [
      { type: "message", extra: { channel_type: "channel" }, text: "at the top of a channel" },
      { type: "message", extra: { subtype: "message_changed", message: {} }, thread_ts: "1.2" },
      { type: "message", extra: { bot_id: "B1" }, thread_ts: "1.2" },
    ] as const)
      expect(await knock(Fake.event({ ts: "1700000001.000100", ...event }))).toMatchObject({ status: 200 })
    expect(await knock({ type: "view_submission" })).toMatchObject({ status: 200 })
    expect(queue.sent).toEqual([])
  })

  test("says so when what Slack signed is no JSON", async () => {
    const { answer } = await import("../src/door.ts")
    const { createHmac } = await import("node:crypto")
    const timestamp = String(Math.floor(Date.now() / 1000))
    const hash = createHmac("sha256", Fake.signingSecret).update(`v0:${timestamp}:nonsense`).digest("hex")
    const headers = { "x-slack-signature": `v0=${hash}`, "x-slack-request-timestamp": timestamp }
    expect(await answer({ headers, body: "nonsense", secret: Fake.signingSecret })).toMatchObject({ status: 400 })
  })
})

describe("as a function", () => {
  test("it takes text of any language, and forms", async () => {
    const payload = said(Fake.mention("日本語で 😀"))
    expect(await invoke(Fake.sign(payload))).toMatchObject({ statusCode: 200 })
    expect(await invoke(Fake.sign(payload), true)).toMatchObject({ statusCode: 200 })
    expect(queue.sent).toEqual([payload, payload])
    const pressed = { type: "block_actions", actions: [] }
    expect(await invoke(Fake.sign(pressed), true)).toMatchObject({ statusCode: 200 })
    expect(queue.sent.at(-1)).toEqual(pressed)
  })

  test("it does not say that it has what it could not store", async () => {
    queue.state.broken = true
    expect(await invoke(Fake.sign(said()))).toMatchObject({ statusCode: 500 })
  }, 30_000)
})
