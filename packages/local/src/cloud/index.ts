import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { Logger } from "@remote-swe/core/logger"
import { close, listen } from "../net.ts"
import { type Broker, maxBytes } from "./broker.ts"
import type { Inbox } from "./inbox.ts"
import type { Queue } from "./queue.ts"
import { type Keys, verify } from "./signature.ts"
import type { open } from "./table.ts"

interface Parts {
  table: Awaited<ReturnType<typeof open>>
  queue: Queue
  /** The queue of what Slack sends. */
  inbox?: Inbox | undefined
  broker: Broker
  keys: Keys
}

/** DynamoDB, SQS and IoT's data plane behind one internal port, for whoever can sign. */
export async function serve(parts: Parts) {
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      Logger.error("the local cloud failed", { error })
      if (!response.headersSent) reply(response, 500, { __type: "InternalFailure", message: "Internal failure" })
    })
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) }
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse) {
  const { table, broker, keys } = parts
  if (!verify(request, keys))
    return reply(response, 403, { __type: "InvalidSignatureException", message: "The signature does not match" })
  const target = String(request.headers["x-amz-target"] ?? "")
  const body = await buffer(request)
  if (target.startsWith("DynamoDB_")) return table.handle(request, body, response)
  if (target === "AmazonSQS.SendMessage") return reply(response, 200, await send(parts, JSON.parse(body.toString())))
  const [, topic] = /^\/topics\/([^?]+)/.exec(request.url ?? "") ?? []
  if (!topic)
    return reply(response, 400, { __type: "UnknownOperationException", message: "Not part of the local cloud" })
  if (body.length > maxBytes)
    return reply(response, 413, { __type: "RequestEntityTooLargeException", message: `Limit: ${maxBytes} bytes` })
  await broker.publish(decodeURIComponent(topic), body)
  reply(response, 200, { message: "OK" })
}

function send({ queue, inbox }: Parts, request: Parameters<Inbox["send"]>[0] & { QueueUrl?: string }) {
  return request.QueueUrl?.endsWith("/slack") && inbox ? inbox.send(request) : queue.send(request)
}

function reply(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body))
}
