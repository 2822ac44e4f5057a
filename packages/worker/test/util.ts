import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body, BodyOf, Kind, Read } from "@remote-swe/core/log/schema"
import type { Info as ModelInfo } from "@remote-swe/core/model/schema"
import type { Info as Session } from "@remote-swe/core/session/schema"
import { none } from "@remote-swe/core/usage/schema"
import * as v from "valibot"
import { specs } from "../src/agent/specs.ts"
import * as Guard from "../src/guard.ts"
import { Journal } from "../src/journal.ts"
import type { Delta } from "../src/model/model.ts"
import { create as provide } from "../src/model/provider.ts"
import type { Clock } from "../src/model/retry.ts"
import type { Files } from "../src/model/conversation.ts"
import type { Vitals } from "../src/sandbox/strain.ts"
import { Tool } from "../src/tool/tool.ts"
import * as Turn from "../src/turn.ts"
import { Script } from "./script/index.ts"

export const model: ModelInfo = {
  id: "claude-test",
  name: "Claude Test",
  providerID: { anthropic: "claude-test", bedrock: "claude-test" },
  context: 200_000,
  maxOutput: 32_000,
  reasoning: true,
  thinking: "budget",
  images: true,
  price: { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1.25 },
}

/** A clock whose sleeps are over at once; it keeps what was waited for. */
export function clock(): Clock & { slept: number[] } {
  const slept: number[] = []
  let now = Date.now()
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    async sleep(ms) {
      slept.push(Math.round(ms))
      now += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

export const Echo = Tool.define({
  name: "echo",
  description: "Says it again.",
  input: v.strictObject({ text: v.string() }),
  parallel: true,
  execute: async ({ text }) => text,
})

/** A log in memory, with the one promise that matters: an event goes right after the last one that its writer saw. */
export function memory(sessionID: string) {
  const log: Read[] = []
  const place = (body: Body, type: "user" | "worker") => {
    const actor = type === "user" ? { type, userID: "u", name: "Ada" } : { type, sessionID, generation: 1 }
    log.push({ sessionID, seq: log.length + 1, at: Date.now(), actor, ...body })
  }
  const store: Journal.Store = {
    async append({ after, events }) {
      if (after !== log.length) throw new VisibleError("conflict", "log.conflict", "Somebody was first")
      for (const event of events) place(event, "worker")
    },
    events: async ({ after, limit }) => ({ events: log.slice(after, after + limit), head: log.length }),
  }
  return { log, store, add: (body: Body) => place(body, "user") }
}

/** Those whose adapters are to do the same. */
export const providers = ["anthropic", "bedrock"] as const
export type Provider = (typeof providers)[number]

/** Tells the adapters where the scripted server is. Bedrock's looks for it, and for keys, in the environment. */
export function reach(provider: Provider, { url }: { url: string }, files: Files, now: () => number) {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  })
  return provide(provider, { anthropic: { apiKey: "key", baseURL: url }, files, now })
}

export interface Settings {
  provider?: Provider
  tools?: readonly Tool.Info[]
  model?: ModelInfo
  models?: ModelInfo[]
  budget?: number
  maxCalls?: number
  reasoning?: number
  script?: Script.Options
  files?: Map<string, Uint8Array>
  /** How the machine's limits stand: at first, then at each look after a call that may have strained it. */
  vitals?: Vitals[]
}

export type Agent = Awaited<ReturnType<typeof agent>>

/** A session in memory whose model is the scripted server, without any machine around it. */
export async function agent(settings: Settings = {}) {
  const server = await Script.start(settings.script)
  const session = blank(settings.budget)
  const { log, store, add } = memory(session.id)
  const time = clock()
  const used = settings.model ?? model
  const journal = Journal.create({
    store,
    session,
    generation: 1,
    model: used,
    models: settings.models ?? [used],
    now: Date.now,
  })
  const deltas: (Delta | { type: "reset" | "flush" } | { type: "retry"; reason: string })[] = []
  const watching: { text: string; resolve(): void }[] = []
  const errors: unknown[] = []
  const spilled: string[] = []
  const groups: ("begun" | "done")[] = []
  const leave = new AbortController()
  const tools = settings.tools ?? [Echo]
  const files: Files = { load: async ({ id }) => settings.files?.get(id), path: ({ name }) => `/attachments/${name}` }

  const vitals = [...(settings.vitals ?? [])]
  let resets = 0
  const guard = await Guard.create({ vitals: async () => vitals.shift(), reset: async () => void resets++ })

  const adapter = reach(settings.provider ?? "anthropic", server, files, time.now)

  async function hear(body: Body) {
    add(body)
    await journal.pull()
  }

  async function turn(signal = leave.signal) {
    const before = log.length
    await Turn.run({
      journal,
      model: adapter,
      system: "You are a test.",
      summary: "Write the summary.",
      tools,
      specs: specs(tools),
      reasoning: settings.reasoning ?? 0,
      maxCalls: settings.maxCalls ?? 1_000,
      preview: {
        begin: () => undefined,
        answer: () => undefined,
        delta(delta) {
          deltas.push(delta)
          for (const watcher of watching) if ("text" in delta && delta.text.includes(watcher.text)) watcher.resolve()
        },
        reset: () => deltas.push({ type: "reset" }),
        retry: (reason) => deltas.push({ type: "retry", reason }),
        flush: () => deltas.push({ type: "flush" }),
      },
      ready: async () => undefined,
      onTurn: guard.begin,
      onChange() {
        groups.push("begun")
        return () => groups.push("done")
      },
      strain: guard.look,
      leave: signal,
      context: (callID, signal) => ({ callID, signal, progress() {} }) as unknown as Tool.Context,
      spill: async (callID, text) => {
        spilled.push(text)
        return `/spill/${callID}`
      },
      aside: () => undefined,
      report: (error) => errors.push(error),
      clock: time,
    })
    return log.slice(before)
  }

  return {
    ...{ server, journal, log, clock: time, deltas, errors, spilled, groups, leave, turn },
    /** How often everything that runs was ended. */
    resets: () => resets,
    close: () => server.close(),
    say: (text: string, more: Partial<BodyOf<"message">> = {}) => hear(message(text, more)),
    stop: () => hear({ id: Identifier.create("event"), kind: "stop" }),
    hear,
    /** Resolves when a delta holds `text`. */
    streamed: (text: string) => new Promise<void>((resolve) => watching.push({ text, resolve })),
    /** One message, and all that it leads to. */
    async ask(text: string, more: Partial<BodyOf<"message">> = {}) {
      await hear(message(text, more))
      return turn()
    },
  }
}

export const message = (text: string, more: Partial<BodyOf<"message">> = {}): BodyOf<"message"> => ({
  id: Identifier.create("event"),
  kind: "message",
  author: "Ada",
  source: "web",
  text,
  files: [],
  delivery: "steer",
  ...more,
})

export const only = <K extends Kind>(events: readonly Read[], kind: K) =>
  events.filter((event): event is Extract<Read, { kind: K }> => event.kind === kind)

/** How the turn among these events ended. */
export function outcome(events: readonly Read[]) {
  const turn = only(events, "turn").at(-1)?.turn
  return turn?.phase === "ended" ? turn : undefined
}

/** The text of every result among these events. */
export const resultTexts = (events: readonly Read[]) =>
  only(events, "result").map(({ content }) => content.map((part) => (part.type === "text" ? part.text : "")).join("\n"))

export function blank(budget: number | undefined): Session {
  return {
    id: Identifier.create("session"),
    title: "Test",
    status: "idle",
    creator: { type: "system" },
    head: 0,
    generation: 1,
    worker: { type: "joined", generation: 1, host: "test", sandbox: "none", since: 0 },
    usage: none,
    daily: {},
    todo: [],
    unread: [],
    stopping: false,
    done: false,
    pullRequests: [],
    time: { created: 0, updated: 0 },
    ...(budget !== undefined && { budget }),
  }
}
