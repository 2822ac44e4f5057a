import { createHash } from "node:crypto"
import { Resource } from "sst"
import WebPush from "web-push"
import type { Context, Failure } from "../deliver/index.ts"
import { Session } from "../session/index.ts"
import type { SubscriptionItem } from "./entity.ts"
import { pair } from "./key.ts"
import { isUrgent, type News, text } from "./plan.ts"
import type { Post } from "./post.ts"
import * as Subscription from "./subscription.ts"
import { words } from "./words.ts"

/** Tells one person of one thing, in all browsers that they chose. */

/** What did not come through to some browser. */
export class TellError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}

/** Who has been away for longer sees it in the list of sessions. */
const lifeSeconds = 86_400

export async function tell(news: News, { sessionID, key, uncertain }: Context, userID: string, post: Post) {
  const items = await Subscription.of(userID)
  if (items.length === 0) return
  const title = await titleOf(sessionID)
  if (title === undefined) return
  const due = items.filter((item) => !(uncertain && item.told === key))
  const outcomes = await Promise.all(due.map((item) => send(item, news, { sessionID, title }, post)))
  const failures = outcomes.flatMap((outcome) => (outcome instanceof TellError ? outcome : []))
  const worst = failures.find(({ failure }) => failure.type === "passing") ?? failures[0]
  if (!worst) return
  // It is tried again for all: whoever knows already must be left in peace.
  for (const [index, item] of due.entries()) if (outcomes[index] === "told") await Subscription.told(item.id, key)
  throw worst
}

async function titleOf(sessionID: string) {
  const session = await Session.fromID(sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
  return session?.title
}

interface About {
  sessionID: string
  title: string
}

async function send(item: SubscriptionItem, news: News, { sessionID, title }: About, post: Post) {
  // The browser took messages of a key that is no more: it subscribes anew, or never comes back.
  if (item.publicKey !== pair().publicKey) return gone(item)
  const tag = createHash("sha256").update(sessionID).digest("base64url").slice(0, 32)
  const payload = { title, body: text(news, words(item.language)), path: `/session/${sessionID}`, tag }
  const letter = seal(item, JSON.stringify(payload), tag, isUrgent(news))
  const answer = await post(letter).catch((cause: unknown) => late("unreachable", undefined, cause))
  if (answer instanceof TellError) return answer
  const { status, retryAfter } = answer
  if (status >= 200 && status < 300) return "told" as const
  if (status === 404 || status === 410) return gone(item)
  if (status === 408 || status === 429 || status >= 500) return late(`http_${status}`, retryAfter)
  const code = `http_${status}`
  const message = `The push service of a browser did not take a notification: ${code}`
  return new TellError({ type: "unacceptable", code, message })
}

function seal({ endpoint, p256dh, auth }: SubscriptionItem, payload: string, topic: string, urgent: boolean) {
  const { headers, body } = WebPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
    vapidDetails: { subject: contact(), ...pair() },
    TTL: lifeSeconds,
    // What is newer of the same session takes the place of what was not fetched yet.
    topic,
    urgency: urgent ? "high" : "normal",
    contentEncoding: "aes128gcm",
  })
  const text = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return { endpoint, headers: text, body }
}

/** Whom a push service may complain to. It wants an address that could be one. */
const contact = () =>
  Resource.Settings.webURL.startsWith("https:") ? Resource.Settings.webURL : "mailto:remote-swe@example.com"

async function gone({ id }: SubscriptionItem) {
  await Subscription.drop(id)
  return "gone" as const
}

function late(code: string, retryAfter?: string, cause?: unknown) {
  const message = `The push service of a browser could not be reached for a long time: ${code}`
  const afterMs = waitOf(retryAfter)
  return new TellError({ type: "passing", code, message, ...(afterMs !== undefined && { afterMs }) }, { cause })
}

const longestMs = 3_600_000

/** From Retry-After, which is in seconds or a date. */
function waitOf(text: string | undefined) {
  if (!text) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs)
}
