export * as Realtime from "./index.ts"
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane"
import { jwtVerify, SignJWT } from "jose"
import { Resource } from "sst"
import * as v from "valibot"
import type { Info as Actor } from "../actor/schema.ts"
import { VisibleError } from "../error.ts"
import { Logger } from "../logger.ts"
import { type Access, Topics } from "./schema.ts"

export * from "./schema.ts"

/** IoT refuses larger messages. */
export const maxBytes = 128 * 1024
/** How long a token opens the broker. A client takes a new one before that. */
export const tokenMs = 60 * 60 * 1000
/** The same for people: who signed out, or may no longer sign in, hears nothing new after that. */
export const personTokenMs = 15 * 60 * 1000

/** What every topic begins with: one IoT endpoint serves all apps of an account and region. */
export const root = () => `${Resource.App.name}/${Resource.App.stage}`

/** Where clients find the broker, the authoriser named. */
export function url() {
  const { endpoint, authorizer } = Resource.Realtime
  if (endpoint.includes("://")) return endpoint
  return `wss://${endpoint}/mqtt?x-amz-customauthorizer-name=${encodeURIComponent(authorizer)}`
}

/**
 * Announces `message` and never throws: whoever misses it reads the log. What is too large for the
 * broker goes without its content, so that its readers fetch it.
 */
export async function publish(topic: string, message: object) {
  const whole = Buffer.from(JSON.stringify(message))
  const payload = whole.byteLength <= maxBytes ? whole : Buffer.from(JSON.stringify(position(message)))
  await client()
    .send(new PublishCommand({ topic, qos: 1, payload }))
    .then(recovered, failed)
}

/** A token that opens the broker for `topics` (patterns with `*`) and nothing else. */
export async function token(actor: Actor, topics: Topics) {
  const expiresAt = Date.now() + (actor.type === "user" ? personTokenMs : tokenMs)
  const signed = await new SignJWT(v.parse(Topics, topics))
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(root())
    .setSubject(subject(actor))
    .setIssuedAt()
    .setExpirationTime(Math.floor(expiresAt / 1000))
    .sign(secret())
  return { token: signed, expiresAt }
}

/** All that a client needs to connect. */
export async function access(actor: Actor, topics: Topics): Promise<Access> {
  return { url: url(), root: root(), ...(await token(actor, topics)) }
}

/** The topics that a token opens; throws for one that is not ours, or that has ended. */
export async function verify(token: string) {
  const result = await jwtVerify(token, secret(), { algorithms: ["HS256"], issuer: root() }).catch((cause: unknown) => {
    throw new VisibleError("unauthorized", "realtime.token", "The realtime token is not valid or has ended", { cause })
  })
  const { subscribe, publish } = v.parse(v.object(Topics.entries), result.payload)
  return { subject: result.payload.sub ?? "", expiresAt: (result.payload.exp ?? 0) * 1000, subscribe, publish }
}

const secret = () => new TextEncoder().encode(Resource.RealtimeKey.value)

function subject(actor: Actor) {
  switch (actor.type) {
    case "user":
      return `user:${actor.userID}`
    case "key":
      return `key:${actor.keyID}`
    case "worker":
      return `worker:${actor.sessionID}:${actor.generation}`
    default:
      return actor.type
  }
}

/** What tells a reader where to look. */
function position(message: object) {
  const { id, seq, head }: { id?: unknown; seq?: unknown; head?: unknown } = message
  return { id, seq, head }
}

let connection: IoTDataPlaneClient | undefined

// A broker that hangs must not hold up whoever appends.
const client = () =>
  (connection ??= new IoTDataPlaneClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000 },
  }))

/** Kinds of failure that were reported since the broker last answered. */
const reported = new Set<string>()

function recovered() {
  reported.clear()
}

function failed(error: unknown) {
  const kind = error instanceof Error ? error.name : "unknown"
  if (reported.has(kind)) return
  reported.add(kind)
  Logger.warn("the broker takes no messages; clients fall back to reading the log", { kind, error })
}
