import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { Logger } from "@remote-swe/core/logger"
import type { Inbox } from "./cloud/inbox.ts"
import type { Slack } from "./config.ts"

/** Slack's way in: its requests where there is a signing secret, a connection of ours where there is an app token. */

/** Slack's own are far smaller. */
const largest = 1024 * 1024

interface Way {
  listener: RequestListener | undefined
  close(): Promise<void>
}

/** Works off what the inbox holds, and opens the ways that are configured. Links must be set. */
export async function open({ signingSecret, appToken }: Slack, inbox: Inbox): Promise<Way> {
  const { create } = await import("@remote-swe/slack/consumer")
  await inbox.subscribe(create())
  const socket = appToken ? (await import("@remote-swe/slack/socket")).connect(appToken) : undefined
  return {
    listener: signingSecret ? await door(signingSecret) : undefined,
    close: async () => socket?.close(),
  }
}

async function door(secret: string): Promise<RequestListener> {
  const { answer } = await import("@remote-swe/slack/door")
  async function hear(request: IncomingMessage, response: ServerResponse) {
    const body = request.method === "POST" ? await read(request) : undefined
    if (body === undefined) return void response.writeHead(request.method === "POST" ? 413 : 405).end()
    const answered = await answer({ headers: request.headers, body, secret })
    response.writeHead(answered.status, answered.headers).end(answered.body)
  }
  return (request, response) => {
    hear(request, response).catch((error: unknown) => {
      // Slack comes again.
      Logger.error("what Slack sent could not be stored", { error })
      if (!response.headersSent) response.writeHead(500).end()
    })
  }
}

/** Undefined where it is too much. */
async function read(request: IncomingMessage) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > largest) return
  }
  return Buffer.concat(chunks).toString()
}
