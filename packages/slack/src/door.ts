import { enqueue } from "@remote-swe/core/slack/queue"
import { verify } from "@remote-swe/core/slack/signature"
import * as v from "valibot"
import { isRelevant } from "./relevant.ts"

/**
 * Where Slack knocks. It wants an answer in 3 seconds and comes again without one, so what it sends is
 * checked and stored, and worked on by whoever takes it from the queue.
 */

export interface Knock {
  /** In lower case. */
  headers: Record<string, string | string[] | undefined>
  /** As it came: the signature is over the bytes. */
  body: string
  secret: string
  now?: number
}

export interface Answer {
  status: number
  body: string
  headers: Record<string, string>
}

const Challenge = v.object({ type: v.literal("url_verification"), challenge: v.string() })

export async function answer({ headers, body, secret, now = Date.now() }: Knock): Promise<Answer> {
  const header = (name: string) => [headers[name]].flat()[0]
  const signature = header("x-slack-signature")
  const timestamp = header("x-slack-request-timestamp")
  if (!verify({ secret, signature, timestamp, body, now }))
    return reply(401, { code: "signature.invalid", message: "Slack did not sign this, or not just now" })
  const payload = parse(body, header("content-type") ?? "")
  if (payload === undefined) return reply(400, { code: "body.invalid", message: "The body is neither JSON nor a form" })
  const challenge = v.safeParse(Challenge, payload)
  if (challenge.success) return reply(200, { challenge: challenge.output.challenge })
  if (isRelevant(payload)) await enqueue(payload)
  return { status: 200, body: "", headers: { "cache-control": "no-store" } }
}

/** Events come as JSON, what people press as a form. */
function parse(body: string, type: string): unknown {
  const json = type.startsWith("application/x-www-form-urlencoded") ? new URLSearchParams(body).get("payload") : body
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), json)
  return parsed.success ? parsed.output : undefined
}

function reply(status: number, body: object): Answer {
  return {
    status,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  }
}
