export * as Fold from "./fold.ts"
import type { Allowed } from "../egress/schema.ts"
import type { Artifact, Info as Event, InfoOf, Read } from "../log/schema.ts"
import { add, type Total } from "../usage/schema.ts"
import type { Info, Status } from "./schema.ts"

/**
 * What a log says of its session. Pure, and the same on the server, in the dashboard and in tests:
 * folding any prefix and then the rest gives what folding the whole gives.
 */
export function apply(info: Info, event: Read): Info {
  if (event.seq !== info.head + 1)
    throw new Error(`${info.id} is folded to ${info.head}: event ${event.seq} is not next`)
  const next = { ...info, head: event.seq, time: { ...info.time, updated: event.at } }
  if (event.kind === "unknown") return next
  const folded = change(next, event)
  const workSince = needsWork(folded) ? (info.workSince ?? event.at) : undefined
  return { ...folded, workSince, status: status(folded) }
}

export const applyAll = (info: Info, events: readonly Read[]) => events.reduce(apply, info)

/** Whether a worker has something to do: unread input, or a turn that has not ended. */
export const needsWork = (info: Info) => info.unread.length > 0 || (info.turnID !== undefined && !info.stopping)

function status(info: Info): Status {
  if (info.unread.length > 0 || info.turnID) return info.worker.type === "joined" ? "working" : "starting"
  if (info.done) return "done"
  if (info.waitingOn) return "waiting"
  return info.outcome === "failed" ? "failed" : "idle"
}

function change(info: Info, event: Event): Info {
  switch (event.kind) {
    case "message":
      return {
        ...info,
        done: false,
        unread: [...info.unread, { seq: event.seq, delivery: event.delivery }],
        last: { author: event.author, text: preview(event.text), at: event.at },
      }
    case "answer":
      if (info.waitingOn?.askID !== event.askID) return info
      return { ...info, waitingOn: undefined, unread: [...info.unread, { seq: event.seq, delivery: "steer" }] }
    case "stop":
      return stop(info)
    case "joined": {
      const { generation, host, sandbox } = event
      return { ...info, generation, worker: { type: "joined", generation, host, sandbox, since: event.at } }
    }
    case "left":
      if (info.worker.type === "none" || info.worker.generation !== event.generation) return info
      return { ...closeIfStopping(info), worker: { type: "none" } }
    case "turn":
      return turn(info, event)
    case "output":
      return output(info, event)
    case "artifact":
      return artifact(info, event.artifact)
    case "title":
      return { ...info, title: event.title }
    case "todo":
      return { ...info, todo: event.items }
    case "ask":
      return {
        ...info,
        waitingOn: { askID: event.askID, type: event.type, text: event.text, options: event.options },
      }
    case "setting":
      return {
        ...info,
        ...(event.budget !== undefined && { budget: event.budget ?? undefined }),
        ...(event.done !== undefined && { done: event.done }),
        ...(event.egress && { egress: widened(info.egress, event.egress) }),
      }
    case "summary": {
      const { model, tokens, cost } = event
      return model && tokens ? { ...info, ...spend(info, event.at, { model, tokens, cost: cost ?? null }) } : info
    }
    case "result":
    case "notice":
    case "snapshot":
    case "denial":
      return info
  }
}

/** Each host once; what was allowed always stays so. */
function widened(before: Info["egress"] = [], { allowed, always }: Allowed) {
  const same = before.find((item) => item.allowed === allowed)
  const item: Allowed = { allowed, ...((always ?? same?.always) && { always: true }) }
  return [...before.filter((other) => other !== same), item]
}

/** A stop also takes back what nobody has read yet; without a worker there is nothing to wait for. */
function stop(info: Info): Info {
  const stopped = { ...info, unread: [], waitingOn: undefined, stopping: info.turnID !== undefined }
  return info.worker.type === "none" ? closeIfStopping(stopped) : stopped
}

function closeIfStopping(info: Info): Info {
  return info.stopping ? { ...info, stopping: false, turnID: undefined, outcome: "stopped" } : info
}

function turn(info: Info, { turn }: InfoOf<"turn">): Info {
  if (turn.phase === "started")
    return { ...info, turnID: turn.turnID, outcome: undefined, waitingOn: undefined, unread: unread(info, turn.read) }
  if (info.turnID !== turn.turnID) return info
  return { ...info, turnID: undefined, outcome: turn.outcome, stopping: false }
}

function output(info: Info, event: InfoOf<"output">): Info {
  const text = event.content.findLast((block) => block.type === "text")?.text
  return {
    ...info,
    ...spend(info, event.at, event),
    unread: unread(info, event.read),
    last: text ? { author: "agent", text: preview(text), at: event.at } : info.last,
  }
}

/** Adds what a model call took; `cost` is null where its price is unknown. */
function spend(info: Info, at: number, call: Pick<InfoOf<"output">, "model" | "tokens" | "cost">) {
  const spent: Total = {
    calls: 1,
    tokens: call.tokens,
    cost: { usd: call.cost ?? 0, unpriced: call.cost === null ? 1 : 0 },
  }
  const day = new Date(at).toISOString().slice(0, 10)
  const models = info.daily[day] ?? {}
  const before = models[call.model]
  return {
    usage: add(info.usage, spent),
    daily: { ...info.daily, [day]: { ...models, [call.model]: before ? add(before, spent) : spent } },
  }
}

function artifact(info: Info, artifact: Artifact): Info {
  if (artifact.type === "branch") return { ...info, branch: artifact.branch }
  if (artifact.type !== "pull_request") return info
  const { repository, number, url, title, branch } = artifact
  const others = info.pullRequests.filter((item) => item.repository !== repository || item.number !== number)
  return { ...info, branch, pullRequests: [...others, { repository, number, ...(url && { url }), title }] }
}

const unread = (info: Info, read: readonly number[]) => info.unread.filter((item) => !read.includes(item.seq))

const preview = (text: string) => text.trim().slice(0, 200).toWellFormed()
