import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import type { Client } from "@remote-swe/core/client"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import type { Assignment } from "@remote-swe/core/protocol/schema"
import * as Prompt from "./agent/prompt.ts"
import { specs } from "./agent/specs.ts"
import type { Assembly } from "./assembly.ts"
import type { Config } from "./config.ts"
import * as Differ from "./differ.ts"
import * as Denials from "./denials.ts"
import { Journal } from "./journal.ts"
import { create as provide } from "./model/provider.ts"
import type { Clock } from "./model/retry.ts"
import * as Link from "./link.ts"
import * as Place from "./place.ts"
import * as Preview from "./preview.ts"
import { ofCall } from "./sandbox/call.ts"
import * as Saver from "./saver.ts"
import type { Tool } from "./tool/tool.ts"
import * as Turn from "./turn.ts"

export interface Options {
  config: Config
  client: Client.Worker
  assignment: Promise<Assignment>
  /** May still be on its way. It is closed at the end. */
  assembly: Promise<Assembly>
  tools: readonly Tool.Info[]
  clock: Clock
  version: string
  /** Aborts when this machine is to be given up: the work is saved, and left to the next. */
  leave: AbortSignal
  /** How often the work is saved while a turn goes on. */
  saving?: Saver.Policy
}

/** A machine that is taken back is there for two minutes more, and systemd waits for less. */
const savingMs = 75_000
/** Tokens that a model may think before each answer. */
const reasoning = 8_000
const text = (name: string) => readFileSync(new URL(`./agent/${name}.txt`, import.meta.url), "utf8")

/** Works on a session until there is nothing more to do. The only bridge between the loop and the log. */
export async function run(options: Options) {
  const { assignment, assembly } = options
  try {
    await work(options, await assignment)
  } catch (error) {
    if (!Link.isOver(error)) throw error
    Logger.info("another worker has the session now, or will have it", { error })
  } finally {
    // One that did not open was told of above, unless there was something worse to tell.
    const opened = await assembly.catch(() => undefined)
    await opened?.close()
  }
}

async function work(options: Options, assignment: Assignment) {
  const { client } = options
  const { session, generation, model, models } = assignment
  await using parts = new AsyncDisposableStack()
  const over = new AbortController()
  const leave = AbortSignal.any([options.leave, over.signal])
  const store = Link.patient(client, leave)
  const journal = Journal.create({ store, session, generation, model, models, now: options.clock.now })
  const link = Link.open({ client, assignment, journal, over })
  parts.defer(link.close)
  const assembly = await options.assembly
  journal.listen(assembly.attachments.see)
  await journal.pull()

  const { sandbox } = assembly
  await journal.append([
    { kind: "joined", generation, host: hostname(), version: options.version, sandbox: sandbox.kind },
  ])

  const policy = assignment.policy.egress
  const opened = policy && assembly.egress && Denials.open({ egress: assembly.egress, policy, journal })
  if (opened) parts.defer(opened.close)
  const denials = opened ?? Denials.none
  const system = await prepare(journal, assembly, leave, policy?.allowed)
  over.signal.throwIfAborted()
  // What is only half restored must not be saved.
  if (system === undefined) return void (await journal.append([{ kind: "left", generation, reason: "stopped" }]))
  const late = Saver.lateAfter(options.leave, savingMs)
  parts.defer(late.close)
  const saving = {
    journal,
    workspace: assembly.workspace,
    generation,
    signal: AbortSignal.any([over.signal, late.signal]),
  }
  const saver = Saver.create({
    clock: options.clock,
    policy: options.saving ?? Saver.policy,
    save: ({ patient }) => Place.save({ ...saving, patient }),
  })
  parts.defer(saver.stop)
  const turns = { options, client, assignment, journal, assembly, link, denials, saver, system, leave }
  for (;;) {
    const reason = await serve(turns)
    over.signal.throwIfAborted()
    await saver.finish()
    const isIdle = () => reason === "stopped" || !journal.needsWork()
    if (await journal.append([{ kind: "left", generation, reason }], isIdle)) return
  }
}

/**
 * Brings the workspace back, and gives the system prompt; undefined when the worker has to leave first. Says
 * so when that fails, and throws.
 */
async function prepare(
  journal: Journal.Journal,
  { sandbox, workspace }: Assembly,
  leave: AbortSignal,
  egress: readonly string[] | undefined,
) {
  if (sandbox.warning && !journal.noticed("sandbox.none"))
    await journal.append([{ kind: "notice", level: "warning", code: "sandbox.none", text: sandbox.warning }])
  try {
    const clone = await Place.prepare(journal, workspace, leave)
    const own = workspace.repositories.filter((repository) => repository.source === journal.info.repository)
    const knowledge = await Place.knowledge(sandbox, own)
    if (leave.aborted) return
    return Prompt.build(text("system"), { session: journal.info, clone, knowledge, egress })
  } catch (error) {
    if (Link.isOver(error)) throw error
    if (leave.aborted) return
    const why = error instanceof VisibleError ? error.message : "Something went wrong on our side."
    await journal.append([
      {
        kind: "notice",
        level: "error",
        code: "workspace.failed",
        text: `The workspace could not be prepared: ${why}`.slice(0, 4_000),
      },
    ])
    throw error
  }
}

interface Turns {
  options: Options
  client: Client.Worker
  assignment: Assignment
  journal: Journal.Journal
  assembly: Assembly
  link: Link.Link
  denials: Denials.Denials
  saver: Saver.Saver
  system: string
  leave: AbortSignal
}

/** Runs turns while there is work; ends when there was none for long enough, or when the worker has to leave. */
async function serve(turns: Turns): Promise<"idle" | "stopped"> {
  const { assignment, journal, denials, saver, leave } = turns
  const input = bench(turns)
  // A copy of a session has its work, and nobody has yet said what that changes.
  if (journal.facts.snapshot) input.differ.mark()
  for (;;) {
    if (leave.aborted) return "stopped"
    if (!journal.needsWork() && !journal.info.turnID) {
      if (await isIdle(journal, assignment.policy.idleMs, leave)) return "idle"
      continue
    }
    await Turn.run(input).catch((error: unknown) => fail(journal, error))
    await input.differ.settled()
    await denials.settled()
    if (!leave.aborted) await saver.finish()
  }
}

function bench({ options, client, assignment, journal, assembly, link, denials, saver, system, leave }: Turns) {
  const { sandbox, guard, workspace, files, attachments, spill } = assembly
  const { clock, tools, config } = options
  const preview = Preview.create(link.show, () => journal.head)
  const differ = Differ.create({ diff: () => workspace.diff(), publish: (diff) => client.diff(diff) })
  const context = (callID: string, signal: AbortSignal): Tool.Context => ({
    callID,
    signal,
    sandbox: ofCall(sandbox, callID),
    workspace,
    files,
    progress: (text) => preview.progress(callID, text),
    append: async (draft) => void (await journal.append([draft])),
  })
  return {
    journal,
    model: provide(assignment.provider, { anthropic: config.anthropic, files: attachments, now: clock.now }),
    system,
    summary: text("summary"),
    tools,
    specs: specs(tools),
    reasoning,
    maxCalls: assignment.policy.maxTurnCalls,
    preview,
    differ,
    ready: attachments.settled,
    onChange() {
      const done = saver.begin()
      return () => {
        done()
        differ.mark()
      }
    },
    leave,
    context,
    spill,
    aside: denials.aside,
    strain: guard.look,
    onTurn: guard.begin,
    report: (error: unknown) => Logger.error("a tool failed", { sessionID: journal.info.id, error }),
    clock,
  }
}

/** A bug in the loop costs a turn, not the session. */
async function fail(journal: Journal.Journal, error: unknown) {
  if (Link.isOver(error)) throw error
  Logger.error("a turn failed", { sessionID: journal.info.id, error })
  const { turnID } = journal.info
  if (!turnID) throw error
  const problem = { code: "internal", message: "Something went wrong on our side. Send a message to try again." }
  await journal.append([
    { kind: "notice", level: "error", code: problem.code, text: problem.message },
    { kind: "turn", turn: { phase: "ended", turnID, outcome: "failed", problem } },
  ])
}

/** Resolves with true when there was nothing to do for `idleMs`; with false when there is, or nothing counts any more. */
function isIdle(journal: Journal.Journal, idleMs: number, leave: AbortSignal) {
  return new Promise<boolean>((resolve) => {
    const settle = (idle: boolean) => {
      clearTimeout(timer)
      deaf()
      leave.removeEventListener("abort", left)
      resolve(idle)
    }
    const left = () => settle(false)
    const timer = setTimeout(() => settle(true), idleMs)
    const deaf = journal.listen(() => {
      if (journal.needsWork()) settle(false)
    })
    leave.addEventListener("abort", left, { once: true })
  })
}
