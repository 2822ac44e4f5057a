import { Logger } from "@remote-swe/core/logger"
import { Resource } from "sst"
import { answer } from "./door.ts"

/** What a function's own address is called with. */
interface Event {
  headers: Record<string, string | undefined>
  body?: string
  isBase64Encoded: boolean
}

export async function handler(event: Event) {
  const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8").toString()
  try {
    const { status, ...rest } = await answer({
      headers: event.headers,
      body,
      secret: Resource.SlackSigningSecret.value,
    })
    return { statusCode: status, ...rest }
  } catch (error) {
    // Slack comes again.
    Logger.error("what Slack sent could not be stored", { error })
    return { statusCode: 500, headers: { "cache-control": "no-store" }, body: "" }
  }
}
