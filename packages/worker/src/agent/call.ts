import { VisibleError } from "@remote-swe/core/error"
import type { BodyOf, Call } from "@remote-swe/core/log/schema"
import * as v from "valibot"
import type { Clock } from "../model/retry.ts"
import type { Tool } from "../tool/tool.ts"
import { bound, printable, type Spill } from "./bound.ts"

/** What running a call takes. */
export interface Bench {
  tools: readonly Tool.Info[]
  context(callID: string, signal: AbortSignal): Tool.Context
  /** Where the whole of a long output is kept. */
  spill(callID: string, text: string): ReturnType<Spill>
  /** What there is to say beside a call's own result, at its end. */
  aside(callID: string): string | undefined
  /** What the machine has run short of since the last look: words for the model, and events for people. */
  strain(): Promise<{ text: string; events: Tool.Draft[] } | undefined>
  /** Takes note of an error that is nobody's fault but ours. */
  report(error: unknown): void
  clock: Clock
}

export interface Done {
  result: Omit<BodyOf<"result">, "id" | "turnID">
  /** What else the call adds to the log, just before its result. */
  events: Tool.Draft[]
  wait: boolean
}

/** A tool that doesn't heed the signal is left alone after so long. */
const graceMs = 1_000

/** Runs one call and never throws: what went wrong is its result. */
export async function perform(bench: Bench, call: Call, signal: AbortSignal): Promise<Done> {
  const began = bench.clock.now()
  const output = await attempt(bench, call, signal).catch((error: unknown) => failed(bench, error, signal))
  const strain = await strained(bench, call, signal)
  const told = strain ? [...output.content, { type: "text" as const, text: strain.text }] : output.content
  const own = await bound(told, (text) => bench.spill(call.id, text))
  const aside = bench.aside(call.id)
  const content = aside === undefined ? own : [...own, { type: "text" as const, text: aside }]
  return {
    result: {
      kind: "result",
      callID: call.id,
      name: call.name,
      content,
      error: output.error ?? false,
      durationMs: bench.clock.now() - began,
      ...(output.view && { view: output.view }),
    },
    events: [...(output.events ?? []), ...(strain?.events ?? [])],
    wait: output.wait ?? false,
  }
}

/** Only what changes something can have strained the machine. A look that fails costs no result. */
async function strained(bench: Bench, call: Call, signal: AbortSignal) {
  if (signal.aborted || bench.tools.find(({ name }) => name === call.name)?.parallel !== false) return
  return bench.strain().catch((error: unknown) => void bench.report(error))
}

/** The result of a call that was not run. */
export function refuse(call: Call, text: string): Done["result"] {
  const content = [{ type: "text" as const, text }]
  return { kind: "result", callID: call.id, name: call.name, content, error: true, durationMs: 0 }
}

async function attempt(bench: Bench, call: Call, signal: AbortSignal): Promise<Tool.Output> {
  if (call.malformed !== undefined) return problem(malformed(call.malformed))
  const tool = bench.tools.find((tool) => tool.name === call.name)
  if (!tool) {
    const names = bench.tools.map((tool) => tool.name).join(", ")
    return problem(`There is no tool "${call.name}". The tools are: ${names}`)
  }
  const input = v.safeParse(tool.input, call.input)
  if (!input.success) return problem(`The input of ${tool.name} is not right:\n${issues(input.issues)}`)
  const output = await unlessIgnored(tool.execute(input.output, bench.context(call.id, signal)), signal, bench.clock)
  return typeof output === "string" ? { content: [{ type: "text", text: output }] } : output
}

const problem = (text: string): Tool.Output => ({ content: [{ type: "text", text }], error: true })

const stopped = "Stopped before it was done. It may or may not have had an effect."

function failed(bench: Bench, error: unknown, signal: AbortSignal): Tool.Output {
  if (signal.aborted) return problem(stopped)
  if (error instanceof VisibleError) return problem(error.message)
  bench.report(error)
  return problem(`The tool failed: ${error instanceof Error ? error.message : String(error)}`)
}

/** Settles with `work`, or a little after the signal though `work` goes on. */
async function unlessIgnored<Result>(work: Promise<Result>, signal: AbortSignal, clock: Clock): Promise<Result> {
  const settled = new AbortController()
  const ignored = new Promise<never>((_, reject) => {
    const give = () =>
      void clock.sleep(graceMs, settled.signal).then(() => {
        if (!settled.signal.aborted) reject(new Error("The tool did not stop in time"))
      })
    if (signal.aborted) give()
    else signal.addEventListener("abort", give, { once: true, signal: settled.signal })
  })
  return Promise.race([work, ignored]).finally(() => settled.abort())
}

function malformed(text: string) {
  const start = printable(text.slice(0, 300))
  return `The input of this call is not a JSON object (${reason(text)}). It began with:\n${start}\nCall the tool again with valid JSON.`
}

function reason(text: string) {
  try {
    JSON.parse(text)
    return "it is JSON, but of another type"
  } catch (error) {
    return error instanceof Error ? error.message : "it does not parse"
  }
}

function issues(list: readonly v.BaseIssue<unknown>[]) {
  return list
    .slice(0, 10)
    .map((issue) => `- ${v.getDotPath(issue) ?? "input"}: ${issue.message}`)
    .join("\n")
}
