import * as v from "valibot"
import type { Actor } from "../actor/index.ts"
import type { Ref } from "../file/schema.ts"
import type { InfoOf, Read } from "../log/schema.ts"
import * as Block from "./block.ts"
import { escape, fromMarkdown, link } from "./mrkdwn.ts"
import { tsOf } from "./place.ts"
import { split } from "./split.ts"
import type { Target } from "./thread.ts"
import { type Words, words } from "./words.ts"

/** What a thread is told of each event. Pure. */

export type Act =
  | { type: "post"; message: Block.Message }
  | { type: "react"; ts: string; add?: string; remove?: string }
  | { type: "file"; file: Ref }
  | { type: "document"; name: string; text: string }

/** Messages that carry the mark of being worked on. */
const State = v.fallback(v.object({ open: v.array(v.string()) }), { open: [] })
export type State = v.InferOutput<typeof State>

/** Where people open a session. */
export type Address = (sessionID: string) => string

/** More parts than these become a file. */
const mostParts = 8

export function plan(given: unknown, event: Read, target: Target, address: Address): { state: State; acts: Act[] } {
  const state = v.parse(State, given)
  const said = words(target.language)
  switch (event.kind) {
    case "message":
      return message(state, event, said, address)
    case "output":
      return { state, acts: output(event, said) }
    case "ask":
      return { state, acts: [{ type: "post", message: Block.question(event, said) }] }
    case "answer":
      return { state, acts: isHere(event.actor) ? [] : quote(said.answered(nameOf(event.actor)), event.text) }
    case "notice":
      return { state, acts: notice(event, said) }
    case "artifact":
      return { state, acts: artifact(event, said) }
    case "turn":
      return event.turn.phase === "ended" ? ended(state, event.turn, said) : { state, acts: [] }
    default:
      return { state, acts: [] }
  }
}

/** The kinds that `plan` looks at. infra/deliver.ts has them as the stream's filter. */
export const kinds = ["message", "output", "ask", "answer", "notice", "artifact", "turn"] as const

export const userPrefix = "slack:"
const isHere = (actor: Actor.Info) => actor.type === "user" && actor.userID.startsWith(userPrefix)
const nameOf = (actor: Actor.Info) => escape("name" in actor ? actor.name : actor.type)

function message(state: State, event: InfoOf<"message">, said: Words, address: Address) {
  if (event.source !== "slack") return { state, acts: quote(said.said(escape(event.author)), event.text) }
  const ts = tsOf(event.id)
  const begun: Act = { type: "react", ts, add: "eyes" }
  const start = { ...Block.text(said.started(link(address(event.sessionID), said.dashboard))) }
  const acts: Act[] = event.seq === 1 ? [begun, { type: "post", message: start }] : [begun]
  return { state: { open: [...state.open, ts] }, acts }
}

function quote(title: string, text: string): Act[] {
  const lines = fromMarkdown(text).split("\n")
  const [first = "", ...more] = split(lines.map((line) => `> ${line}`).join("\n"), 2_000)
  return [{ type: "post", message: Block.text(`${title}\n${first}${more.length > 0 ? "\n> …" : ""}`) }]
}

/** An answer with calls is not the last word of its turn: the agent tells people what it wants them to know by a tool. */
function output(event: InfoOf<"output">, said: Words): Act[] {
  if (event.stopReason === "calls" || event.stopReason === "aborted") return []
  if (event.content.some((block) => block.type === "call")) return []
  const text = event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n")
  return posts(text, said)
}

function posts(text: string, said: Words): Act[] {
  const parts = split(fromMarkdown(text))
  const shown = parts.length > mostParts ? [...parts.slice(0, 1), `_${said.whole}_`] : parts
  const acts = shown.map((part): Act => ({ type: "post", message: Block.text(part) }))
  return parts.length > mostParts ? [...acts, { type: "document", name: "answer.md", text }] : acts
}

function notice(event: InfoOf<"notice">, said: Words): Act[] {
  if (event.code.startsWith("slack.")) return []
  if (event.code === "agent.message") return posts(event.text, said)
  if (event.level === "info") return []
  const mark = event.level === "error" ? ":x:" : ":warning:"
  return [{ type: "post", message: Block.text(`${mark} ${escape(event.text.slice(0, 2_000))}`) }]
}

function artifact({ artifact }: InfoOf<"artifact">, said: Words): Act[] {
  switch (artifact.type) {
    case "pull_request":
      return [{ type: "post", message: Block.pullRequest(artifact, said) }]
    case "file":
      return [{ type: "file", file: artifact.file }]
    case "preview":
      return [{ type: "post", message: Block.text(`${said.preview}: ${link(artifact.url, artifact.title)}`) }]
    default:
      return []
  }
}

type Ended = Extract<InfoOf<"turn">["turn"], { phase: "ended" }>

const marks = { done: "white_check_mark", failed: "x", limit: "warning", stopped: "octagonal_sign" } as const

function ended(state: State, { outcome, problem }: Ended, said: Words): { state: State; acts: Act[] } {
  // The question stands in the thread, and what was asked for is still being worked on.
  if (outcome === "waiting") return { state, acts: [] }
  const marked = state.open.map((ts): Act => ({ type: "react", ts, remove: "eyes", add: marks[outcome] }))
  const reason = escape(problem?.message.slice(0, 1_000) ?? said.unknownProblem)
  const told = { done: undefined, stopped: said.stopped, failed: said.failed(reason), limit: said.limited(reason) }
  const text = told[outcome]
  return {
    state: { open: [] },
    acts: [...(text ? [{ type: "post" as const, message: Block.text(text) }] : []), ...marked],
  }
}
