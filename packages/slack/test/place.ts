import { createHash, randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Fake } from "./fake/index.ts"

/** What stands around the bot in a test file. Nothing here may import `sst`: links are set from it. */

export const slack = await Fake.start()
export const queue = await listen()

/** SQS, as far as it is sent to. */
async function listen() {
  const sent: unknown[] = []
  const state = { broken: false }
  const waiting: (() => void)[] = []
  const server = createServer(async (request, response) => {
    const { QueueUrl, MessageBody } = JSON.parse(await text(request))
    if (state.broken) {
      response.writeHead(403, { "content-type": "application/x-amz-json-1.0" }).end('{"__type":"AccessDenied"}')
      return waiting.splice(0).forEach((resolve) => resolve())
    }
    if (QueueUrl.endsWith("/slack")) sent.push(JSON.parse(MessageBody))
    const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex")
    response.setHeader("content-type", "application/x-amz-json-1.0")
    response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }))
  })
  /** Resolves when a message has been refused. */
  const refused = () => new Promise<void>((resolve) => void waiting.push(resolve))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.unref()
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent, state, refused }
}
