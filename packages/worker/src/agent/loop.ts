import { Identifier } from "@remote-swe/core/identifier"
import { goOn, type History } from "@remote-swe/core/log/history"
import type { Block, Call, Outcome, Read } from "@remote-swe/core/log/schema"
import { cost, type Info as ModelInfo } from "@remote-swe/core/model/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"
import { ModelError, type Reply, type Request } from "../model/model.ts"
import type { Tool } from "../tool/tool.ts"
import { type Bench, type Done as Performed, perform, refuse } from "./call.ts"
import * as Compact from "./compact.ts"
import * as Estimate from "./estimate.ts"
import * as Repeat from "./repeat.ts"
import * as Words from "./words.ts"

/** What the loop sees of the session: always as its log stands. */
export interface Session {
  /** What the model is sent when it reads `reading` now. */
  messages(reading: readonly number[]): History.Message[]
  /** What the messages stand for, from the last summary on. */
  events(): readonly Read[]
  /** The newest message of a person that was read. */
  newest(): Compact.Said | undefined
  /** Messages that steer and that nobody has read. */
  steering(): number[]
  /** Aborts when one more of those comes in. */
  steered(): AbortSignal
  /** The model that the newest message asks for. */
  model(reading: readonly number[]): ModelInfo
  /** What the last answer was charged, unless a summary came after it. */
  charged(): Tokens | undefined
  /** US dollars. `refused`: a person was asked and said no. */
  budget(): { limit: number | undefined; spent: number; refused: boolean }
  /** Whether a notice with this code stands in the log. */
  noticed(code: string): boolean
}

export interface Input extends Bench {
  turnID: string
  session: Session
  system: string
  specs: Request["tools"]
  /** Asks the model, with retries; throws `ModelError`. */
  ask(request: Request, signal: AbortSignal): Promise<Reply>
  /** Tokens that the model may think. */
  reasoning: number
  /** The answer that a worker before this one had last in this turn, and how many it had. */
  resumed: { last: Answer | undefined; made: number }
  maxCalls: number
  /** Writes the summary's instructions; a text, so that wording is not code. */
  summary: string
  /** A person stops the turn. */
  stop: AbortSignal
  /** This worker has to go; the turn stays open for the next one. */
  leave: AbortSignal
}

/** What is appended in one go. */
type Drafts = Tool.Draft | Tool.Draft[]
type Answer = Pick<Reply, "content" | "stopReason">
type Ended = { outcome: Outcome; code?: string; message?: string }

/** Answers in a row that were cut off, before the turn is given up. */
const mostCutOff = 3

/**
 * One turn: works until the model asks for nothing more, yielding events as they come. It does no I/O of
 * its own. The caller appends them before it asks for the next, so that `session` has it.
 */
export async function* run(input: Input): AsyncGenerator<Drafts> {
  const { session, stop, leave } = input
  const repeat = Repeat.create()
  const inARow = { cutOff: 0, summaries: 0 }
  let { last, made } = input.resumed

  while (!leave.aborted) {
    if (stop.aborted) return yield ended(input, { outcome: "stopped" })
    const reading = session.steering()
    if (reading.length > 0) repeat.forget()
    const end = last && conclude(last, reading.length > 0, inARow.cutOff)
    if (end) return yield* finish(input, end)
    if (made >= input.maxCalls) return yield* finish(input, Words.limit(made))
    const broke = yield* checkBudget(input, reading)
    if (broke) return yield ended(input, broke)

    const result = yield* answer(input, reading, inARow)
    if (leave.aborted) return
    if (result.type === "again") continue
    if (result.type === "end") return yield* finish(input, result.end)
    made++
    last = result.answer
    inARow.summaries = 0
    inARow.cutOff = isCutOff(last) ? inARow.cutOff + 1 : 0

    if (!hasCalls(last)) continue
    const group = yield* performAll(input, last, repeat)
    if (leave.aborted || stop.aborted) continue
    if (group.wait) return yield ended(input, { outcome: "waiting" })
    if (group.verdict === "stop") return yield* askWhatToDo(input, last)
  }
}

const hasCalls = ({ content }: Pick<Answer, "content">) => content.some((block) => block.type === "call")

/** Whether, and how, an answer ends its turn. */
function conclude({ content, stopReason }: Answer, isSteered: boolean, cutOff: number): Ended | undefined {
  if (stopReason === "refusal") return Words.refused
  if (hasCalls({ content })) return
  if (isSteered || stopReason === "aborted") return
  if (stopReason === "end" || stopReason === "calls") return { outcome: "done" }
  if (cutOff > mostCutOff) return Words.cutOff
}

const isCutOff = ({ stopReason }: Answer) => ["max_tokens", "context", "other"].includes(stopReason)

type Answered = { type: "answer"; answer: Reply } | { type: "again" } | { type: "end"; end: Ended }

/** One call of the model, with a summary before it where the context is full. */
async function* answer(
  input: Input,
  reading: number[],
  inARow: { summaries: number },
): AsyncGenerator<Drafts, Answered> {
  const { session, clock } = input
  const model = session.model(reading)
  const messages = withEnd(session.messages(reading))
  const fixed = Estimate.ofText(input.system + JSON.stringify(input.specs))
  if (Compact.isFull(model, messages, fixed, session.charged())) return yield* summarise(input, model, inARow)

  const began = clock.now()
  const request = { model, system: input.system, messages, tools: input.specs, reasoning: input.reasoning }
  const signal = AbortSignal.any([input.stop, input.leave, session.steered()])
  const reply = await input.ask(request, signal).catch(modelError)
  if (input.leave.aborted) return { type: "again" }
  if (reply instanceof ModelError) {
    if (reply.problem === "too_long") return yield* summarise(input, model, inARow)
    return { type: "end", end: Words.failed(reply) }
  }
  const kept = keep(reply)
  if (kept.stopReason === "aborted" && kept.content.length === 0 && kept.tokens.output === 0) return { type: "again" }
  yield {
    kind: "output",
    turnID: input.turnID,
    read: reading,
    content: kept.content,
    model: model.id,
    stopReason: kept.stopReason,
    tokens: kept.tokens,
    cost: cost(kept.tokens, model),
    durationMs: clock.now() - began,
  }
  return { type: "answer", answer: kept }
}

/** The API takes events of 5 MB; no model says so much, but a broken one may. */
const longestText = 3_000_000

/** A call that nobody will run is not kept: what interrupted the answer may have made it wrong. */
function keep(reply: Reply): Reply {
  const isWhole = reply.stopReason !== "aborted" && reply.stopReason !== "refusal"
  const content = reply.content.filter((block) => isWhole || block.type !== "call").map(shorten)
  return { ...reply, content }
}

function shorten(block: Block): Block {
  if (block.type !== "text" || block.text.length <= longestText) return block
  return { type: "text", text: `${block.text.slice(0, longestText).toWellFormed()}\n[cut off here]` }
}

/** The model answers somebody: after its own words it is told to go on, as the log will have it. */
function withEnd(messages: History.Message[]): History.Message[] {
  if (messages.at(-1)?.role === "user") return messages
  return [...messages, { role: "user", content: [{ type: "text", text: goOn }] }]
}

function modelError(error: unknown) {
  if (error instanceof ModelError) return error
  throw error
}

async function* summarise(
  input: Input,
  model: ModelInfo,
  inARow: { summaries: number },
): AsyncGenerator<Drafts, Answered> {
  const events = input.session.events()
  const newest = input.session.newest()
  const plan =
    inARow.summaries < Compact.mostInARow && Compact.plan({ events, newest, model, inARow: inARow.summaries })
  if (!plan) return { type: "end", end: Words.full }
  inARow.summaries++
  const messages: History.Message[] = [{ role: "user", content: [{ type: "text", text: plan.transcript }] }]
  const request = { model, system: input.summary, messages, tools: [], reasoning: 0 }
  const reply = await input.ask(request, AbortSignal.any([input.stop, input.leave])).catch(modelError)
  if (input.leave.aborted || input.stop.aborted) return { type: "again" }
  if (reply instanceof ModelError) return { type: "end", end: Words.failed(reply) }
  const written = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
  yield {
    kind: "summary",
    upTo: plan.upTo,
    text: Compact.finish(written, plan),
    model: model.id,
    tokens: reply.tokens,
    cost: cost(reply.tokens, model),
  }
  return { type: "again" }
}

type Done = Performed & { call: Call }
type Group = { wait: boolean; verdict: Repeat.Verdict }

/** Every call gets its result. The last one carries a word where the model goes round in circles. */
async function* performAll(
  input: Input,
  { content, stopReason }: Answer,
  repeat: ReturnType<typeof Repeat.create>,
): AsyncGenerator<Drafts, Group> {
  const calls = content.filter((block) => block.type === "call")
  const cut = isCutOff({ content, stopReason }) ? calls.at(-1) : undefined
  const seen: string[] = []
  const group: Group = { wait: false, verdict: "fine" }
  for await (const { call, result, events, wait } of results(input, calls, cut)) {
    seen.push(JSON.stringify([call.name, call.malformed ?? call.input, result.content]))
    group.wait ||= wait
    if (seen.length === calls.length) group.verdict = repeat.see(seen.toSorted())
    const nudge = group.verdict === "nudge" ? [{ type: "text" as const, text: Words.nudge }] : []
    yield [...events, { ...result, content: [...result.content, ...nudge], turnID: input.turnID }]
  }
  return group
}

/** Side by side where all tools allow it, else one after the other; nothing more once this worker leaves. */
async function* results(input: Input, calls: readonly Call[], cut: Call | undefined): AsyncGenerator<Done> {
  const { tools, leave } = input
  const signal = AbortSignal.any([input.stop, leave])
  const start = async (call: Call): Promise<Done> => {
    const reason = obstacle(input, call, cut)
    if (reason) return { call, result: refuse(call, reason), events: [], wait: false }
    return { call, ...(await perform(input, call, signal)) }
  }

  if (calls.every((call) => tools.find((tool) => tool.name === call.name)?.parallel)) {
    const running = new Map(calls.map((call) => [call, start(call)]))
    while (running.size > 0) {
      const done = await Promise.race(running.values())
      running.delete(done.call)
      if (leave.aborted) return
      yield done
    }
    return
  }

  for (const call of calls) {
    const done = await start(call)
    if (leave.aborted) return
    yield done
  }
}

/** Why a call is not run. */
function obstacle({ stop, session }: Input, call: Call, cut: Call | undefined) {
  if (call === cut && call.malformed !== undefined) return Words.callCutOff
  if (stop.aborted) return Words.notRunStopped
  if (session.steering().length > 0) return Words.notRunSteered
}

async function* checkBudget(input: Input, reading: readonly number[]): AsyncGenerator<Drafts, Ended | undefined> {
  const { limit, spent, refused } = input.session.budget()
  if (limit === undefined) return
  const model = input.session.model(reading)
  if (!model.price && !input.session.noticed(Words.unknownPrice)) yield Words.priceUnknown(model)
  if (spent < limit) return
  if (refused) return Words.budgetReached(limit, spent)
  yield { kind: "ask", askID: Identifier.create("ask"), type: "budget", ...Words.budgetQuestion(limit, spent) }
  return { outcome: "waiting" }
}

async function* askWhatToDo(input: Input, { content }: Answer): AsyncGenerator<Drafts> {
  const { text, options } = Words.repeating(content.filter((block) => block.type === "call"))
  yield { kind: "ask", askID: Identifier.create("ask"), type: "question", text, options }
  yield ended(input, { outcome: "waiting" })
}

/** Ends the turn; where that is not what the user hoped for, a notice says why. */
async function* finish(input: Input, end: Ended): AsyncGenerator<Drafts> {
  const { code, message } = end
  if (code && message)
    yield { kind: "notice", level: end.outcome === "failed" ? "error" : "warning", code, text: message }
  yield ended(input, end)
}

function ended({ turnID }: Input, { outcome, code, message }: Ended): Tool.Draft {
  const problem = code && message ? { problem: { code, message } } : {}
  return { kind: "turn", turn: { phase: "ended", turnID, outcome, ...problem } }
}
