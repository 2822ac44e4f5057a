import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import { beforeAll, expect, test } from "vitest"
import { call, key } from "./util.ts"

/** The same app behind a Lambda function URL, as Lambda calls it when answers stream. */

type Handler = (event: object, response: PassThrough, context: object) => Promise<void>
interface Head {
  statusCode: number
  headers: Record<string, string>
}

let secret = ""
let handler: Handler
const heads = new WeakMap<PassThrough, Head>()

beforeAll(async () => {
  secret = await key()
  const runtime = {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from(response: PassThrough, head: Head) {
        heads.set(response, head)
        return response
      },
    },
  }
  Object.assign(globalThis, { awslambda: runtime })
  handler = (await import("../../src/api/handler.ts")).handler as unknown as Handler
})

/** One request in the form of a function URL's event. */
async function invoke(method: string, path: string, { body, left = 60_000 }: { body?: object; left?: number } = {}) {
  const [rawPath = "", rawQueryString = ""] = path.split("?")
  const event = {
    version: "2.0",
    rawPath: `/api/v1${rawPath}`,
    rawQueryString,
    headers: { host: "x.lambda-url.test", "x-api-key": secret, ...(body && { "content-type": "application/json" }) },
    requestContext: { domainName: "x.lambda-url.test", http: { method, path: `/api/v1${rawPath}` } },
    ...(body && { body: Buffer.from(JSON.stringify(body)).toString("base64") }),
    isBase64Encoded: true,
  }
  const response = new PassThrough()
  const reading = text(response)
  const end = Date.now() + left
  await handler(event, response, { getRemainingTimeInMillis: () => end - Date.now() })
  return { ...heads.get(response), text: await reading }
}

test("requests and answers pass as on Node", async () => {
  const made = await invoke("POST", "/sessions", { body: { message: "Grüße" } })
  expect(made).toMatchObject({ statusCode: 201, headers: { "content-type": "application/json" } })
  const { id } = JSON.parse(made.text)
  expect(JSON.parse((await invoke("GET", `/sessions/${id}/events?limit=1`)).text).items[0].text).toBe("Grüße")
  expect(await invoke("POST", "/sessions", { body: {} })).toMatchObject({ statusCode: 400 })
  expect(await invoke("DELETE", `/sessions/${id}`)).toMatchObject({ statusCode: 204, text: "" })
})

test("a stream ends in time, before Lambda ends it", async () => {
  const { json } = await call("POST", "/sessions", { key: secret, body: { message: "Hi" } })
  const { statusCode, text } = await invoke("GET", `/sessions/${json.id}/stream`, { left: 5_500 })
  expect(statusCode).toBe(200)
  expect(text).toContain("id: 1")
})
