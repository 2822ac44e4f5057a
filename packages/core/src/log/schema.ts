import * as v from "valibot"
import { Info as Actor } from "../actor/schema.ts"
import { Allowed, Why } from "../egress/schema.ts"
import { Ref as File } from "../file/schema.ts"
import { Identifier } from "../identifier.ts"
import { Tokens } from "../usage/schema.ts"

/**
 * The kinds of events that a session's log may hold (design section 4). Adding one is three edits:
 * here, the fold (session/fold.ts) and the dashboard's view.
 */

const seq = v.pipe(v.number(), v.integer(), v.minValue(1))
const generation = v.pipe(v.number(), v.integer(), v.minValue(1))
const text = v.string()
const short = v.pipe(v.string(), v.maxLength(1_000))
const callID = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const turnID = Identifier.schema("turn")

/** `steer`: read after the calls in progress. `queue`: read when the turn has ended. */
export const Delivery = v.picklist(["steer", "queue"])
export type Delivery = v.InferOutput<typeof Delivery>

export const Source = v.picklist(["web", "slack", "api", "github", "trigger", "agent", "cli"])
export type Source = v.InferOutput<typeof Source>

/** Part of a model's answer, in the order in which the model gave it. */
export const Block = v.variant("type", [
  v.strictObject({ type: v.literal("text"), text }),
  v.strictObject({ type: v.literal("reasoning"), text, signature: v.optional(v.string()) }),
  /** Reasoning that the provider encrypted; sent back as it came. */
  v.strictObject({ type: v.literal("redacted"), data: v.string() }),
  v.strictObject({
    type: v.literal("call"),
    id: callID,
    name: v.string(),
    input: v.record(v.string(), v.unknown()),
    /** The input as the model wrote it, where it was not a JSON object. */
    malformed: v.optional(v.string()),
  }),
])
export type Block = v.InferOutput<typeof Block>
export type Call = Extract<Block, { type: "call" }>

/** Part of a call's result. */
export const Content = v.variant("type", [
  v.strictObject({ type: v.literal("text"), text }),
  v.strictObject({ type: v.literal("image"), file: File }),
  v.strictObject({ type: v.literal("file"), file: File }),
])
export type Content = v.InferOutput<typeof Content>

export const StopReason = v.picklist(["end", "calls", "max_tokens", "refusal", "context", "aborted", "other"])
export type StopReason = v.InferOutput<typeof StopReason>

export const Outcome = v.picklist(["done", "stopped", "failed", "limit", "waiting"])
export type Outcome = v.InferOutput<typeof Outcome>

export const TodoItem = v.strictObject({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
  status: v.picklist(["pending", "active", "done"]),
})
export type TodoItem = v.InferOutput<typeof TodoItem>

/** One changed file of a diff. */
export const Change = v.strictObject({
  path: v.string(),
  status: v.picklist(["added", "modified", "deleted", "renamed"]),
  additions: v.pipe(v.number(), v.integer()),
  deletions: v.pipe(v.number(), v.integer()),
})
export type Change = v.InferOutput<typeof Change>

const PullRequest = v.strictObject({
  type: v.literal("pull_request"),
  repository: v.string(),
  /** `github`: it exists there. `record`: written beside a repository that has no GitHub. */
  host: v.picklist(["github", "record"]),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  url: v.optional(v.string()),
  title: v.string(),
  body: v.string(),
  branch: v.string(),
  base: v.string(),
  commit: v.string(),
  changes: v.array(Change),
})
export type PullRequest = v.InferOutput<typeof PullRequest>

export const Artifact = v.variant("type", [
  PullRequest,
  v.strictObject({ type: v.literal("branch"), repository: v.string(), branch: v.string(), commit: v.string() }),
  v.strictObject({
    type: v.literal("commit"),
    repository: v.string(),
    branch: v.string(),
    commit: v.string(),
    title: v.string(),
  }),
  v.strictObject({ type: v.literal("file"), file: File, text: v.optional(v.string()) }),
  v.strictObject({ type: v.literal("preview"), url: v.string(), title: v.string() }),
])
export type Artifact = v.InferOutput<typeof Artifact>

/** Where a repository of the workspace was saved: a chain of git bundles, each with what is new since the one before. */
export const SavedRepository = v.strictObject({
  name: v.string(),
  /** What was cloned: `owner/name`, a URL or a path. */
  source: v.string(),
  branch: v.string(),
  base: v.string(),
  head: v.string(),
  /** The chain's last link. */
  file: File,
  /** The links before it, oldest first; absent where it stands alone. */
  earlier: v.optional(v.pipe(v.array(File), v.maxLength(50))),
  /** The commit that the chain leads to, for the next link to build on. */
  commit: v.optional(v.string()),
})
export type SavedRepository = v.InferOutput<typeof SavedRepository>

/** The same of what lies in the session's folder beside its repositories. */
export const SavedFolder = v.pick(SavedRepository, ["file", "earlier", "commit"])
export type SavedFolder = v.InferOutput<typeof SavedFolder>

/** Every file that bringing this back takes, in the order in which it takes them. */
export const linksOf = ({ earlier = [], file }: SavedFolder): File[] => [...earlier, file]

/** The same of a whole snapshot. */
export const filesOf = ({ repositories, folder }: Pick<BodyOf<"snapshot">, "repositories" | "folder">) =>
  [...repositories, ...(folder ? [folder] : [])].flatMap(linksOf)

const define = <Kind extends string, Entries extends v.ObjectEntries>(kind: Kind, entries: Entries) =>
  v.strictObject({ id: Identifier.schema("event"), kind: v.literal(kind), ...entries })

export const Message = define("message", {
  author: v.pipe(v.string(), v.maxLength(200)),
  source: Source,
  text: v.pipe(v.string(), v.maxLength(200_000)),
  files: v.array(File),
  model: v.optional(v.string()),
  delivery: Delivery,
})

/** Interrupts the turn in progress; messages that nobody has read yet are read with the next one. */
export const Stop = define("stop", {})

export const Joined = define("joined", {
  generation,
  host: short,
  version: short,
  /** `full`: commands run in a sandbox. `none`: they have a clean environment and nothing else. */
  sandbox: v.picklist(["full", "none"]),
})

export const Left = define("left", {
  generation,
  reason: v.picklist(["idle", "stopped", "replaced", "lost", "failed"]),
  detail: v.optional(short),
})

export const Turn = define("turn", {
  turn: v.variant("phase", [
    /** `read`: the messages that begin the turn. */
    v.strictObject({ phase: v.literal("started"), turnID, read: v.array(seq) }),
    v.strictObject({
      phase: v.literal("ended"),
      turnID,
      outcome: Outcome,
      problem: v.optional(v.strictObject({ code: v.string(), message: v.string() })),
    }),
  ]),
})

export const Output = define("output", {
  turnID,
  /** The messages that came in while the turn ran and that this answer has read. */
  read: v.array(seq),
  content: v.array(Block),
  model: v.string(),
  stopReason: StopReason,
  tokens: Tokens,
  /** US dollars; null where the price is unknown. */
  cost: v.nullable(v.number()),
  durationMs: v.number(),
})

export const Result = define("result", {
  turnID,
  callID,
  name: v.string(),
  content: v.array(Content),
  error: v.boolean(),
  durationMs: v.number(),
  /** What a view may show beside the text, such as the patch of an edit. The model never sees it. */
  view: v.optional(v.record(v.string(), v.unknown())),
})

/** Stands in for everything up to `upTo` in what the model is sent. */
export const Summary = define("summary", {
  upTo: seq,
  text,
  /** What writing it took. */
  model: v.optional(v.string()),
  tokens: v.optional(Tokens),
  cost: v.optional(v.nullable(v.number())),
})

export const ArtifactEvent = define("artifact", { artifact: Artifact })
export const Title = define("title", { title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)) })
export const Todo = define("todo", { items: v.pipe(v.array(TodoItem), v.maxLength(100)) })

export const Notice = define("notice", {
  level: v.picklist(["info", "warning", "error"]),
  code: v.pipe(v.string(), v.maxLength(100)),
  text: v.pipe(v.string(), v.maxLength(4_000)),
})

export const Ask = define("ask", {
  askID: Identifier.schema("ask"),
  type: v.picklist(["question", "approval", "budget"]),
  text,
  options: v.array(v.string()),
})

export const Answer = define("answer", { askID: Identifier.schema("ask"), text, approved: v.optional(v.boolean()) })

export const Snapshot = define("snapshot", {
  generation,
  repositories: v.array(SavedRepository),
  size: v.number(),
  folder: v.optional(SavedFolder),
  /** Files of earlier snapshots that are to stay, as a fork may start from them. All others go. */
  kept: v.optional(v.array(Identifier.schema("file"))),
})

/** What a person changed about the session itself. */
export const Setting = define("setting", {
  /** US dollars; null takes the limit away. */
  budget: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0)))),
  done: v.optional(v.boolean()),
  /** A host that commands may reach from now on. */
  egress: v.optional(Allowed),
})

/** What may have done something: a command of the model's, or a program of ours. */
const Doer = v.strictObject({
  /** The beginning of its words. */
  script: v.pipe(v.string(), v.maxLength(500)),
  callID: v.optional(callID),
  /** A background job. */
  jobID: v.optional(v.pipe(v.string(), v.maxLength(100))),
})

/** The network refused a command something: the list of allowed hosts does not have it. */
export const Denial = define("denial", {
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
  /** Absent where the protocol has none. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  why: Why,
  /** More than one where it cannot be told which of them it was; none where none of them ran any more. */
  commands: v.pipe(v.array(Doer), v.maxLength(20)),
})

export const bodies = [
  Message,
  Stop,
  Joined,
  Left,
  Turn,
  Output,
  Result,
  Summary,
  ArtifactEvent,
  Title,
  Todo,
  Notice,
  Ask,
  Answer,
  Snapshot,
  Setting,
  Denial,
] as const

/** An event before it has a place in the log. Its `id` makes a repeated append harmless. */
export const Body = v.variant("kind", bodies)
export type Body = v.InferOutput<typeof Body>
export type Kind = Body["kind"]
export type BodyOf<K extends Kind> = Extract<Body, { kind: K }>

/** What the log adds. `cut`: long texts are shortened here and whole at `/sessions/:id/events/:seq`. */
export interface Place {
  sessionID: string
  seq: number
  at: number
  actor: Actor
  cut?: true
}
export type Info = Place & Body
export type InfoOf<K extends Kind> = Place & BodyOf<K>

const place = {
  sessionID: Identifier.schema("session"),
  seq,
  at: v.number(),
  actor: Actor,
  cut: v.optional(v.literal(true)),
}

/**
 * An event as it is read. A kind that this version doesn't know, or knows otherwise, is kept as
 * `{ kind: "unknown", raw }`: shown raw, and it breaks nothing.
 */
export type Read = Info | (Place & { kind: "unknown"; id: string; raw: unknown })

const Placed = v.looseObject({ ...place, id: v.string(), kind: v.string() })

export const decode = (raw: unknown): Read => read(v.parse(Placed, raw))

/** An event as it is read and exported. */
export const Event = v.pipe(Placed, v.transform(read))

function read({ sessionID, seq, at, actor, cut, ...body }: v.InferOutput<typeof Placed>): Read {
  const where: Place = { sessionID, seq, at, actor, ...(cut && { cut }) }
  const known = v.safeParse(Body, body)
  if (known.success) return { ...where, ...known.output }
  return { ...where, id: body.id, kind: "unknown", raw: body }
}
