import * as v from "valibot"
import { Policy as Egress } from "../egress/schema.ts"
import { Author } from "../github/schema.ts"
import { Body, Change } from "../log/schema.ts"
import { Info as Model, Provider } from "../model/schema.ts"
import { Info as Session } from "../session/schema.ts"

/** What a worker and the API say to each other, under `/api/v1/worker`, with the session token. */

/** How often a worker says that it lives, while it has something to do and while it hasn't. */
export const heartbeatMs = { busy: 30_000, idle: 5 * 60_000 }
/** A worker that was silent for so long is lost. */
export const silenceMs = { busy: 90_000, idle: 12 * 60_000 }

/**
 * By which a worker says what it understands. `current`: raised with each change that a worker has to know of.
 * `floor`: the lowest that the API still serves; a worker below it ends, and its session gets one of now. What says
 * nothing is of the time before this.
 */
export const version = { current: 1, floor: 1, unsaid: 1 } as const
/** The code by which a worker below the floor is refused. */
export const outdated = "worker.outdated"

/** `GET /worker/session?protocol=` */
export const Assignment = v.strictObject({
  session: Session,
  generation: v.number(),
  /** The model to use where a message names none, and the provider that serves it. */
  model: Model,
  provider: Provider,
  models: v.array(Model),
  realtime: v.strictObject({ url: v.string(), token: v.string(), root: v.string(), expiresAt: v.number() }),
  policy: v.strictObject({
    idleMs: v.number(),
    maxTurnCalls: v.number(),
    /** What commands may reach, besides what the session allows; absent where they reach everything. */
    egress: v.optional(Egress),
  }),
})
export type Assignment = v.InferOutput<typeof Assignment>

/** `POST /worker/events`: appends `events` right after `after`, in order. */
export const Append = v.strictObject({
  after: v.pipe(v.number(), v.integer(), v.minValue(0)),
  events: v.pipe(v.array(Body), v.minLength(1), v.maxLength(50)),
})
/** Answer of a successful append; a lost race is a 409 with code `log.conflict`: read the tail and try again. */
export const Appended = v.strictObject({ head: v.number() })

/** `POST /worker/heartbeat` answers with the head of the log, so that a worker without a broker sees news. */
export const Pulse = v.strictObject({ head: v.number() })

/** `PUT /worker/diff`: the session's changes against its bases, for views. */
export const Diff = v.strictObject({
  repositories: v.array(
    v.strictObject({
      name: v.string(),
      source: v.string(),
      branch: v.string(),
      base: v.string(),
      head: v.string(),
      changes: v.array(Change),
      /** A unified diff, cut at `diffLimit` characters. */
      patch: v.string(),
      truncated: v.boolean(),
    }),
  ),
})
export type Diff = v.InferOutput<typeof Diff>
export const diffLimit = 1_000_000

/** `POST /worker/git-credential` `{ url }`: what git needs to talk to `url`; absent where it needs nothing. */
export const Credential = v.strictObject({
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  /** Of one that was made for this: it may be so new that not every server knows it yet. */
  expiresAt: v.optional(v.number()),
  /** Whose commits they are, where the credential is somebody's in particular. */
  author: v.optional(Author),
})
export type Credential = v.InferOutput<typeof Credential>

/**
 * Where a piece of an answer belongs, for whoever missed or doubled one. `after`: the head that the worker
 * knew when the answer began; an output beyond it replaces the preview. `offset`: characters of this block
 * (`index`) that were sent before.
 */
const piece = {
  turnID: v.string(),
  index: v.number(),
  text: v.string(),
  after: v.optional(v.number()),
  offset: v.optional(v.number()),
}

/**
 * On the `delta` topic, from the worker: a preview of what the log will hold, never the record.
 * Whoever missed one loses smoothness and nothing else.
 */
export const Delta = v.variant("type", [
  v.strictObject({ type: v.literal("text"), ...piece }),
  v.strictObject({ type: v.literal("reasoning"), ...piece }),
  v.strictObject({
    type: v.literal("call"),
    turnID: v.string(),
    index: v.number(),
    callID: v.string(),
    name: v.string(),
    after: v.optional(v.number()),
  }),
  /** Part of a call's input, as JSON text. */
  v.strictObject({ type: v.literal("input"), ...piece }),
  /** What a running command prints. */
  v.strictObject({ type: v.literal("progress"), turnID: v.string(), callID: v.string(), text: v.string() }),
  /** Forget what was streamed for the answer in progress: it is tried again. */
  v.strictObject({ type: v.literal("reset"), turnID: v.string() }),
  /** A retry is waiting. */
  v.strictObject({ type: v.literal("retry"), turnID: v.string(), reason: v.string(), untilMs: v.number() }),
  v.strictObject({ type: v.literal("diff") }),
])
export type Delta = v.InferOutput<typeof Delta>

/**
 * On the `events` topic: the event in its short form, absent where it is too large for the broker, and
 * those that were appended with it. On `inbox`: `{ head }`. On `sessions`: the new info.
 */
export const Announcement = v.strictObject({
  seq: v.number(),
  event: v.optional(v.unknown()),
  following: v.optional(v.array(v.unknown()), []),
})
export const Nudge = v.strictObject({ head: v.number() })
