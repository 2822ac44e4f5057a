import { createHmac } from "node:crypto"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { invoke } from "./harness/invoke.ts"
import { work } from "./harness/place.ts"
import { recorded } from "./recorded.ts"

/** The bundles of Slack and of the deliverers, as they are deployed: their links decrypted. */

const { production } = recorded()
const folder = mkdtempSync(path.join(tmpdir(), "remote-swe-slack-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const runner = `
const [file, name] = process.env.LAMBDA_HANDLER.split(".")
const module = await import(process.cwd() + "/" + file + ".mjs")
const answer = await module[name](JSON.parse(process.env.LAMBDA_EVENT))
process.stdout.write("\\n" + JSON.stringify(answer))
process.exit()
`

/** What the function whose name begins with `name` makes of an event. */
function call(name: string, event: object) {
  const artifacts = readdirSync(path.join(work, "run", "production", "artifacts"))
  const artifact = artifacts.find((item) => item === name || (name !== "Slack" && item.startsWith(name)))
  if (!artifact) throw new Error(`There is no bundle of ${name}`)
  const fn = production.resources.find(
    (item) =>
      item.type === "aws:lambda/function:Function" && (item.name === `${artifact}Function` || item.name === artifact),
  )
  if (!fn) throw new Error(`There is no function ${artifact}`)
  return invoke({ folder, artifact, fn, runner: ["--input-type=module", "-e", runner], event })
}

describe("the door of Slack", () => {
  const key = Buffer.alloc(48, "OriginKeyBytes").toString("hex")
  const body = JSON.stringify({ type: "url_verification", challenge: "who is there", token: "x" })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const sign = (secret: string) => `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`
  const knock = (headers: Record<string, string>) =>
    call("Slack", {
      rawPath: "/slack/events",
      headers: { "content-type": "application/json", "x-slack-request-timestamp": timestamp, ...headers },
      body,
      isBase64Encoded: false,
    }) as { statusCode: number; body: string }

  it("answers whoever comes through the router with Slack's signature, and nobody else", () => {
    const signature = { "x-slack-signature": sign("a secret of Slack") }
    expect(knock(signature).statusCode).toBe(403)
    expect(knock({ "x-origin-key": key }).statusCode).toBe(401)
    expect(knock({ "x-origin-key": key, "x-slack-signature": sign("guessed") }).statusCode).toBe(401)
    const { statusCode, body } = knock({ "x-origin-key": key, ...signature })
    expect([statusCode, JSON.parse(body)]).toEqual([200, { challenge: "who is there" }])
  })
})

it.each(["SlackQueueSubscriber", "TableSubscriberDeliver"])("%s loads as it is deployed", (name) => {
  expect(call(name, { Records: [] })).toEqual({ batchItemFailures: [] })
})
