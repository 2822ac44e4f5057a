import * as v from "valibot"
import { Info as Actor } from "../actor/schema.ts"
import { Allowed } from "../egress/schema.ts"
import { limits, Ref as File } from "../file/schema.ts"
import { Identifier } from "../identifier.ts"
import { Delivery, Outcome, Source, TodoItem } from "../log/schema.ts"
import { Total } from "../usage/schema.ts"

/**
 * `starting`: there is something to do and no worker yet. `working`: a turn is running. `waiting`: the
 * agent asked something. `idle`: it has nothing to do. `failed`: the last turn failed. `done`: a person
 * closed the session.
 */
export const Status = v.picklist(["starting", "working", "waiting", "idle", "failed", "done"])
export type Status = v.InferOutput<typeof Status>

export const Title = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))
export const Budget = v.pipe(v.number(), v.minValue(0), v.maxValue(100_000))

/** `owner/name`, an https, http, ssh or file URL, `git@host:path`, or an absolute path on the worker's machine. */
export const Repository = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(500),
  v.check((text) => !text.startsWith("-") && !/[\0-\x1f]/.test(text), "Not a repository"),
  v.check(
    (text) =>
      /^[\w.-]+\/[\w.-]+$/.test(text) ||
      /^(https?|ssh|file):\/\/\S+$/.test(text) ||
      /^git@[\w.-]+:\S+$/.test(text) ||
      text.startsWith("/"),
    "Must be owner/name, a URL, or an absolute path",
  ),
)

export const Model = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))

export const Text = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== "", "Must not be empty"),
  v.maxLength(200_000),
)

export const Files = v.pipe(v.array(File), v.maxLength(limits.perMessage))

/** What the worker of this session is, as the log knows it. */
export const Worker = v.variant("type", [
  v.strictObject({ type: v.literal("none") }),
  v.strictObject({
    type: v.literal("joined"),
    generation: v.number(),
    host: v.string(),
    sandbox: v.picklist(["full", "none"]),
    since: v.number(),
  }),
])

export const Info = v.strictObject({
  id: Identifier.schema("session"),
  title: Title,
  status: Status,
  repository: v.optional(Repository),
  model: v.optional(Model),
  agentID: v.optional(v.string()),
  parentID: v.optional(Identifier.schema("session")),
  budget: v.optional(Budget),
  creator: Actor,
  /** The highest sequence that this was folded to. */
  head: v.number(),
  /** The highest generation that has joined; 0 before the first. */
  generation: v.number(),
  worker: Worker,
  usage: Total,
  /** By day (UTC) and model. */
  daily: v.record(v.string(), v.record(v.string(), Total)),
  todo: v.array(TodoItem),
  waitingOn: v.optional(
    v.strictObject({
      askID: v.string(),
      type: v.picklist(["question", "approval", "budget"]),
      text: v.string(),
      options: v.array(v.string()),
    }),
  ),
  /** Sequences of messages that no turn has read. */
  unread: v.array(v.strictObject({ seq: v.number(), delivery: Delivery })),
  /** Since when a worker has had something to do, without a pause. */
  workSince: v.optional(v.number()),
  /** The turn in progress. */
  turnID: v.optional(v.string()),
  /** How the last turn ended. */
  outcome: v.optional(Outcome),
  /** A stop came in that the turn in progress has yet to obey. */
  stopping: v.boolean(),
  /** A person closed the session; the next message opens it again. */
  done: v.boolean(),
  /** Hosts that commands of this session may reach, beyond those that all sessions may. */
  egress: v.optional(v.array(Allowed)),
  branch: v.optional(v.string()),
  pullRequests: v.array(
    v.strictObject({ repository: v.string(), number: v.number(), url: v.optional(v.string()), title: v.string() }),
  ),
  last: v.optional(v.strictObject({ author: v.string(), text: v.string(), at: v.number() })),
  time: v.strictObject({ created: v.number(), updated: v.number() }),
})
export type Info = v.InferOutput<typeof Info>

export const Create = v.strictObject({
  message: Text,
  repository: v.optional(Repository),
  model: v.optional(Model),
  agentID: v.optional(Identifier.schema("agent")),
  files: v.optional(Files, []),
  title: v.optional(Title),
  budget: v.optional(Budget),
  parentID: v.optional(Identifier.schema("session")),
  source: v.optional(Source, "api"),
})

export const Send = v.strictObject({
  message: Text,
  files: v.optional(Files, []),
  model: v.optional(Model),
  delivery: v.optional(Delivery, "steer"),
  source: v.optional(Source, "api"),
})

export const Patch = v.pipe(
  v.strictObject({
    title: v.optional(Title),
    status: v.optional(v.picklist(["idle", "done"])),
    budget: v.optional(v.nullable(Budget)),
  }),
  v.check((patch) => Object.keys(patch).length > 0, "Name at least one of title, status, budget"),
)

/** What a client sends to answer a question of the agent. */
export const Reply = v.strictObject({
  askID: Identifier.schema("ask"),
  text: v.optional(v.pipe(v.string(), v.maxLength(20_000)), ""),
  approved: v.optional(v.boolean()),
})

/** A session from an export: `events` and each of `files`, by its id in the export, were uploaded (`POST /files`). */
export const Import = v.strictObject({
  title: Title,
  repository: v.optional(Repository),
  model: v.optional(Model),
  budget: v.optional(Budget),
  events: Identifier.schema("file"),
  files: v.optional(v.record(Identifier.schema("file"), Identifier.schema("file")), {}),
})

/** Continues a copy of the session; `at` names the last event to keep (default: the end of the last turn). */
export const Fork = v.strictObject({
  at: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  message: v.optional(Text),
})
