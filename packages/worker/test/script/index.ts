export * as Script from "./index.ts"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Bedrock from "./bedrock.ts"
import { anthropic, type Door } from "./door.ts"
import * as Lineage from "./lineage.ts"
import { type Answer, type Failure, type Step, text } from "./reply.ts"
import type { Body } from "./wire.ts"

export * from "./reply.ts"
export { faultsOf } from "./converse.ts"
export { validate } from "./validate.ts"
export type { Block, Body, Message } from "./wire.ts"

export interface Options {
  /** Answers when the script is over; without it such a request is a fault. */
  otherwise?: Step
  /** Answers the requests that ask for a summary. */
  summary?: Step
  /** Requests are kept for tests to look at; a benchmark has no use for them. */
  forget?: boolean
  /** The address that it listens on; loopback by default. */
  host?: string
}

export type Server = Awaited<ReturnType<typeof start>>

/**
 * A server that speaks Anthropic's Messages API and Bedrock's Converse, and says what the script tells it. It
 * checks each request more strictly than the real ones, answers 400 to a faulty one, and keeps the `faults`.
 * Requests are kept in Anthropic's form, whichever way they came.
 */
export async function start(options: Options = {}) {
  const { host = "127.0.0.1" } = options
  const script: Step[] = []
  const requests: Body[] = []
  const faults: string[] = []
  const authorization: string[] = []
  const lineage = Lineage.create()
  const waiting: { count: number; resolve(): void }[] = []
  let count = 0

  function next(body: Body): Step {
    if (!body.tools) return options.summary ?? text("Goal: the task. Next step: go on.")
    const step = script.shift() ?? options.otherwise
    if (step) return step
    faults.push("The script is over")
    return { status: 400, error: "invalid_request_error", message: "The script is over" }
  }

  async function answer(door: Door, request: IncomingMessage, response: ServerResponse) {
    const given = await read(request)
    const { body, faults: refused } = door.read(request.url ?? "", given, request.headers)
    count++
    authorization.push(String(request.headers.authorization))
    if (!options.forget) requests.push(body)
    const found = [...refused, ...lineage(body)]
    faults.push(...found)
    for (const waiter of waiting.filter((waiter) => waiter.count <= count)) waiter.resolve()
    if (found.length > 0) return fail(door, response, failureOf(found))
    const step = next(body)
    const reply = typeof step === "function" ? step(body) : step
    if ("status" in reply) return fail(door, response, reply)
    await stream(door, response, withUsage(reply, given.length), body.model)
  }

  const server = createServer((request, response) => {
    const door = doorOf(request.url ?? "")
    if (!door) return void response.writeHead(404).end()
    answer(door, request, response).catch((error: unknown) => {
      // A client that went away in the middle is part of many scripts.
      if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    /** The header of each request. */
    authorization,
    get count() {
      return count
    },
    push: (...steps: Step[]) => void script.push(...steps),
    /** Resolves when the `number`-th request has come in. */
    received: (number: number) =>
      count >= number ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count: number, resolve })),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

/** Charges about as much as the real one would, where the script doesn't say. */
const withUsage = (answer: Answer, characters: number): Answer => ({
  ...answer,
  usage: { input_tokens: Math.ceil(characters / 4), ...answer.usage },
})

const failureOf = (found: string[]): Failure => ({
  status: 400,
  error: "invalid_request_error",
  message: found.join("; "),
})

function doorOf(url: string) {
  if (url.startsWith("/v1/messages")) return anthropic
  if (Bedrock.path.test(url)) return Bedrock.bedrock
}

function fail(door: Door, response: ServerResponse, failure: Failure) {
  const { status, headers, body } = door.failure(failure)
  response.writeHead(status, headers)
  response.end(body)
}

async function stream(door: Door, response: ServerResponse, answer: Answer, model: string) {
  response.writeHead(200, { "content-type": door.contentType, "cache-control": "no-cache" })
  for (const frame of door.frames(answer, model)) {
    if (response.destroyed) return
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs))
    if (!response.write(frame)) await drained(response)
  }
  switch (answer.ending?.type) {
    case "hang":
      return new Promise<void>((resolve) => response.once("close", () => resolve()))
    case "cut":
      return cut(response)
    default:
      response.end()
  }
}

const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done)
      resolve()
    }
    response.on("drain", done).on("close", done)
  })

/** Breaks the connection once the client has had a chance to see what came before. */
function cut(response: ServerResponse) {
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      response.socket?.resetAndDestroy()
      resolve()
    }),
  )
}
