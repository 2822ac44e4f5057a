import { History } from "@remote-swe/core/log/history"
import type { Read } from "@remote-swe/core/log/schema"
import type { Info as Model } from "@remote-swe/core/model/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"
import * as Estimate from "./estimate.ts"

/** A request that takes more of the model's context than this is preceded by a summary. */
const fullShare = 0.75
/** What is kept word for word, as a share of the context; less where that was still too much. */
const keepShares = [0.2, 0.02]
/** Summaries without an answer in between; more would mean that they don't help. */
export const mostInARow = keepShares.length
const transcriptShare = 0.5
const newestMessageLimit = 20_000

export function isFull(model: Model, messages: readonly History.Message[], fixed: number, last: Tokens | undefined) {
  if (Estimate.bytes(messages) > Estimate.attachmentBytes) return true
  return Estimate.request(messages, fixed, last) > model.context * fullShare
}

export interface Plan {
  upTo: number
  /** What the summary stands in for, as text for the model that writes it. */
  transcript: string
  /** The newest thing that a person said, where it is not kept as it is. */
  newest: string | undefined
}

/** What a person said, and where it stands in the history: where it was read. */
export interface Said {
  text: string
  at: number
}

export interface Input {
  /** From the last summary on. */
  events: readonly Read[]
  newest: Said | undefined
  model: Model
  /** Summaries since the last answer. */
  inARow: number
}

/** What to summarise: whole groups only, and always more than before. Undefined where there is nothing left to take. */
export function plan({ events, newest, model, inARow }: Input): Plan | undefined {
  const last = events.findLast((event) => event.kind === "summary")
  const frontier = last?.kind === "summary" ? last.upTo : 0
  const keep = model.context * (keepShares[inARow] ?? 0)
  const upTo = cut(events, keep, frontier)
  if (upTo === undefined) return
  // The last summary was written after some of what it is followed by.
  const messages = History.fold(events.filter((event) => event === last || event.seq <= upTo))
  const transcript = render(messages, model.context * transcriptShare * 3)
  const isCovered = newest && newest.at <= upTo
  return { upTo, transcript, newest: isCovered ? shorten(newest.text, newestMessageLimit) : undefined }
}

/** Groups end before an answer and before a turn; the earliest end whose rest fits into `keep` tokens. */
function cut(events: readonly Read[], keep: number, frontier: number): number | undefined {
  const first = events.find((event) => event.kind === "output")?.seq ?? Number.POSITIVE_INFINITY
  let rest = 0
  let best: number | undefined
  for (const event of events.toReversed()) {
    rest += weight(event)
    const opens = event.kind === "output" || (event.kind === "turn" && event.turn.phase === "started")
    if (rest > keep) break
    if (opens && event.seq > first && event.seq - 1 > frontier) best = event.seq - 1
  }
  const head = events.at(-1)?.seq ?? 0
  return best ?? (head > frontier && first < Number.POSITIVE_INFINITY ? head : undefined)
}

function weight(event: Read) {
  switch (event.kind) {
    case "message":
    case "output":
    case "result":
      return Estimate.ofText(JSON.stringify(event))
    default:
      return 0
  }
}

/** The summary's text as the model reads it later. */
export function finish(written: string, { transcript, newest }: Plan) {
  // Notes that the model would not write are replaced by some of what they were to be about.
  const summary = written || shorten(transcript, 8_000)
  const quoted = newest ? `\n\nThe newest message of the user, word for word:\n\n${newest}` : ""
  return `${summary.trim()}${quoted}\n\nGo on with the next step.`
}

function render(messages: readonly History.Message[], limit: number) {
  return shorten(messages.map(line).join("\n\n"), limit)
}

function line(message: History.Message): string {
  if (message.role === "user") return message.content.map(part).join("\n\n")
  return message.content
    .flatMap((block) => {
      if (block.type === "text") return [`ASSISTANT: ${shorten(block.text, 6_000)}`]
      return block.type === "call" ? [`CALL ${block.name}: ${shorten(JSON.stringify(block.input), 2_000)}`] : []
    })
    .join("\n")
}

function part(part: History.Part): string {
  if (part.type === "text") return `USER: ${shorten(part.text, newestMessageLimit)}`
  if (part.type !== "result") return `USER: [file ${part.file.name}]`
  const content = part.content.map((item) => (item.type === "text" ? item.text : `[file ${item.file.name}]`))
  return `${part.error ? "FAILED" : "RESULT"}: ${shorten(content.join("\n"), 2_000)}`
}

/** Keeps a little of the beginning and more of the end: that is where the work stands. */
function shorten(text: string, limit: number) {
  if (text.length <= limit) return text
  const head = Math.floor(limit / 3)
  const omitted = text.length - Math.floor(limit)
  return `${text.slice(0, head)}\n[${omitted} characters left out]\n${text.slice(text.length - Math.floor(limit - head))}`
}
