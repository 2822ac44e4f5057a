import { beforeAll, describe, expect, test } from "vitest"
import { app } from "../../src/api/app.ts"
import { call, key } from "./util.ts"

let secret = ""
beforeAll(async () => {
  secret = await key()
})

interface Message {
  id?: string
  event?: string
  data?: string
}

/** Reads a stream until `enough`, then hangs up. */
async function read(path: string, enough: (messages: Message[]) => boolean, headers: Record<string, string> = {}) {
  const hangUp = new AbortController()
  const response = await app.request(`/api/v1${path}`, {
    headers: { "x-api-key": secret, ...headers },
    signal: hangUp.signal,
  })
  expect(response.headers.get("content-type")).toBe("text/event-stream")
  const messages: Message[] = []
  let text = ""
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  while (reader && !enough(messages)) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
    const blocks = text.split("\n\n")
    text = blocks.pop() ?? ""
    messages.push(...blocks.map(parse).filter((message) => message.data !== undefined))
  }
  hangUp.abort()
  await reader?.cancel()
  return messages
}

function parse(block: string): Message {
  return Object.fromEntries(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ")
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
}

const start = async (): Promise<string> =>
  (await call("POST", "/sessions", { key: secret, body: { message: "first" } })).json.id
const say = (id: string, message: string) =>
  call("POST", `/sessions/${id}/messages`, { key: secret, body: { message } })
const seqs = (messages: Message[]) => messages.map((message) => Number(message.id))

describe("the stream of a session", () => {
  test("begins with what there is and goes on with what comes", async () => {
    const id = await start()
    const reading = read(`/sessions/${id}/stream`, (messages) => messages.length >= 4)
    for (const text of ["second", "third", "fourth"]) await say(id, text)
    const messages = await reading
    expect(seqs(messages)).toEqual([1, 2, 3, 4])
    const texts = messages.map((message) => JSON.parse(message.data ?? "").text)
    expect(texts).toEqual(["first", "second", "third", "fourth"])
  })

  test("resumes after the last event that was seen, by header before query", async () => {
    const id = await start()
    for (const text of ["second", "third", "fourth"]) await say(id, text)
    const two = (messages: Message[]) => messages.length >= 2
    expect(seqs(await read(`/sessions/${id}/stream?after=2`, two))).toEqual([3, 4])
    const one = (messages: Message[]) => messages.length >= 1
    expect(seqs(await read(`/sessions/${id}/stream?after=1`, one, { "last-event-id": "3" }))).toEqual([4])
  })

  test("misses nothing however often it is cut", async () => {
    const id = await start()
    const saying = (async () => {
      for (let count = 2; count <= 12; count++) await say(id, `message ${count}`)
    })()
    const seen: number[] = []
    while (seen.length < 12) {
      // More may come at once than is waited for, and then there are fewer left.
      const wanted = Math.min(1 + (seen.length % 3), 12 - seen.length)
      const part = await read(`/sessions/${id}/stream`, (messages) => messages.length >= wanted, {
        "last-event-id": String(seen.at(-1) ?? 0),
      })
      seen.push(...seqs(part))
    }
    await saying
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
  })

  test("is refused for a place that is none", async () => {
    const id = await start()
    for (const place of ["x", "-1", "1.5", "99999999999"]) {
      const answer = await call("GET", `/sessions/${id}/stream`, { key: secret, headers: { "last-event-id": place } })
      expect(answer, place).toMatchObject({ status: 400, json: { code: "stream.resume" } })
    }
  })
})
