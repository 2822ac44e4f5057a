import { type Block, type BodyOf, filesOf, type InfoOf, type Read, type StopReason } from "@remote-swe/core/log/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"

/** What a worker wants to know of its log beside the session's `Info` and the history. */
export interface Facts {
  /** The newest workspace that was saved. */
  snapshot: BodyOf<"snapshot"> | undefined
  /** What the last answer was charged, unless a summary came after it. */
  charged: Tokens | undefined
  /** The open turn: how many answers it has had, and the last of them. */
  turn: { made: number; last: { content: Block[]; stopReason: StopReason } | undefined }
  /** A person was asked for more money and did not agree. */
  refused: boolean
  /** What was saved when a turn had ended, for each of the last turns, oldest first. */
  turns: readonly (readonly { id: string; size: number }[])[]
  /** What the last notice of each code said. */
  notices: ReadonlyMap<string, string>
  /** The model that the messages read by now ask for, with `reading` read as well. */
  modelOf(reading: readonly number[]): string | undefined
  /** Messages and answers that nobody has read. */
  pending: ReadonlyMap<number, { text: string; model?: string | undefined }>
  /** The newest of those that were read, and where. */
  newest: { text: string; at: number } | undefined
  model: string | undefined
  budgetAsk: string | undefined
}

const fresh = { made: 0, last: undefined }

export const none: Facts = {
  snapshot: undefined,
  charged: undefined,
  turn: fresh,
  refused: false,
  turns: [],
  notices: new Map(),
  modelOf: () => undefined,
  pending: new Map(),
  newest: undefined,
  model: undefined,
  budgetAsk: undefined,
}

export function apply(facts: Facts, event: Read): Facts {
  switch (event.kind) {
    case "message":
      return said(facts, event)
    case "stop":
      return read(facts, [...facts.pending.keys()], event.seq)
    case "turn":
      if (event.turn.phase === "ended") return { ...facts, turn: fresh }
      return read({ ...facts, turn: fresh, turns: turns(facts) }, event.turn.read, event.seq)
    case "output": {
      const { content, stopReason, tokens } = event
      const turn = { made: facts.turn.made + 1, last: { content, stopReason } }
      return read({ ...facts, turn, charged: stopReason === "aborted" ? undefined : tokens }, event.read, event.seq)
    }
    case "summary":
      return { ...facts, charged: undefined }
    case "snapshot":
      return { ...facts, snapshot: event }
    case "notice":
      return { ...facts, notices: new Map(facts.notices).set(event.code, event.text) }
    case "ask":
      return event.type === "budget" ? { ...facts, budgetAsk: event.askID } : facts
    case "answer": {
      const refused = event.askID === facts.budgetAsk ? event.approved !== true : facts.refused
      return withModel({ ...facts, refused, pending: new Map(facts.pending).set(event.seq, event) })
    }
    case "setting":
      return event.budget === undefined ? facts : { ...facts, refused: false }
    default:
      return facts
  }
}

/** As a turn begins, what was saved last is what the turn before it left. */
const turns = ({ turns, snapshot }: Facts) => (snapshot ? [...turns, filesOf(snapshot)].slice(-mostTurns) : turns)

/** More than a fork finds files of. */
const mostTurns = 20

function said(facts: Facts, event: InfoOf<"message">): Facts {
  return withModel({ ...facts, refused: false, pending: new Map(facts.pending).set(event.seq, event) })
}

function read(facts: Facts, seqs: readonly number[], at: number): Facts {
  const text = seqs.map((seq) => facts.pending.get(seq)?.text).findLast((text) => text !== undefined)
  if (text === undefined) return facts
  const pending = new Map([...facts.pending].filter(([seq]) => !seqs.includes(seq)))
  return withModel({ ...facts, pending, model: facts.modelOf(seqs), newest: { text, at } })
}

const withModel = (facts: Facts): Facts => ({
  ...facts,
  modelOf: (reading) =>
    reading.map((seq) => facts.pending.get(seq)?.model).findLast((id) => id !== undefined) ?? facts.model,
})

/** What the history stands for: from the last summary on, with what nobody has read yet. Extends `events`. */
export function relevant(events: Read[], event: Read, { pending }: Facts): Read[] {
  if (event.kind === "summary") return [event, ...events.filter(({ seq }) => seq > event.upTo || pending.has(seq))]
  if (matters(event)) events.push(event)
  return events
}

const matters = ({ kind }: Read) => ["message", "answer", "turn", "output", "result", "stop"].includes(kind)
