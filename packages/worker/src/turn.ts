import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import type { Bench } from "./agent/call.ts"
import * as Loop from "./agent/loop.ts"
import type { Journal } from "./journal.ts"
import type { Delta, Model, Request } from "./model/model.ts"
import { withRetry } from "./model/retry.ts"

/** Who sees an answer while it comes. */
export interface Preview {
  begin(turnID: string): void
  /** An answer is asked for. */
  answer(): void
  delta(delta: Delta): void
  reset(): void
  retry(reason: string, untilMs: number): void
  /** Sends what is waiting: the event that replaces it is about to be appended. */
  flush(): void
}

export interface Input extends Bench {
  journal: Journal
  model: Model
  system: string
  summary: string
  specs: Request["tools"]
  reasoning: number
  maxCalls: number
  preview: Preview
  /** Resolves when everything that the model is about to hear of is there. */
  ready(): Promise<void>
  /** A turn begins, or is gone on with. */
  onTurn(): void
  /** A group of calls begins that may change something; what this gives is called when it is done. */
  onChange(): () => void
  leave: AbortSignal
}

/** Starts a turn with what is unread, or goes on with the open one, and sees it to its end. */
export async function run(input: Input) {
  const { journal, preview, leave, clock } = input
  const turnID = journal.info.turnID ?? (await start(journal))
  if (!turnID) return
  const stop = new AbortController()
  const heed = () => journal.info.stopping && stop.abort()
  const deaf = journal.listen(heed)
  heed()
  preview.begin(turnID)
  input.onTurn()

  const events = Loop.run({
    ...input,
    turnID,
    session: journal,
    resumed: journal.facts.turn,
    stop: stop.signal,
    async ask(request, signal) {
      await input.ready()
      preview.answer()
      // A summary is no answer to anybody.
      const onDelta = request.tools.length > 0 ? preview.delta : () => undefined
      return withRetry(input.model, request, { signal, onDelta }, clock, preview)
    },
  })
  const isChanging = ({ name }: { name: string }) => !input.tools.find((tool) => tool.name === name)?.parallel
  const group: { left: number; done?: (() => void) | undefined } = { left: 0 }
  try {
    for await (const yielded of events) {
      preview.flush()
      const drafts = [yielded].flat()
      await journal.append(drafts)
      // Whatever else a call adds to the log stands before its result.
      const draft = drafts.at(-1)
      if (draft?.kind === "output") {
        const calls = draft.content.filter((block) => block.type === "call")
        group.left = calls.length
        group.done = calls.some(isChanging) ? input.onChange() : undefined
      }
      if (draft?.kind === "result" && --group.left === 0) group.done?.()
      if (leave.aborted) return
    }
  } finally {
    deaf()
  }
}

/** Undefined where a stop took back what there was to read. */
async function start(journal: Journal) {
  const turnID = Identifier.create("turn")
  const read = journal.info.unread.map((item) => item.seq)
  const isUnread = () => read.every((seq) => journal.info.unread.some((item) => item.seq === seq))
  const started: Omit<Extract<Body, { kind: "turn" }>, "id"> = {
    kind: "turn",
    turn: { phase: "started", turnID, read },
  }
  const done = await journal.append([started], () => read.length > 0 && isUnread())
  return done ? turnID : undefined
}
