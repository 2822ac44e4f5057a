export * as Journal from "./journal.ts"
import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import { History } from "@remote-swe/core/log/history"
import type { Body, Read } from "@remote-swe/core/log/schema"
import type { Info as Model } from "@remote-swe/core/model/schema"
import { Fold } from "@remote-swe/core/session/fold"
import type { Info } from "@remote-swe/core/session/schema"
import * as Facts from "./facts.ts"
import type { Tool } from "./tool/tool.ts"

/** Where the log is. */
export interface Store {
  append(input: { after: number; events: Body[] }): Promise<unknown>
  events(input: { after: number; limit: number }): Promise<{ events: Read[]; head: number }>
}

export interface Options {
  store: Store
  session: Info
  generation: number
  /** The model to use where no message names one. */
  model: Model
  models: readonly Model[]
  now(): number
}

export type Journal = ReturnType<typeof create>

const pageSize = 200

/**
 * The worker's copy of its session's log, and the only way in which it writes there. Appends go one after
 * the other, each right after what this copy has seen; when something came in between it is read first.
 */
export function create({ store, session, generation, model, models, now }: Options) {
  let head = 0
  let info = session
  let facts = Facts.none
  let events: Read[] = []
  let line: Promise<unknown> = Promise.resolve()
  let steered = new AbortController()
  const history = History.create()
  const listeners = new Set<(event: Read) => void>()

  function apply(event: Read) {
    if (event.seq !== head + 1) throw new Error(`The log goes on at ${event.seq}, but ${head} was the last we saw`)
    head = event.seq
    if (head > info.head) info = Fold.apply(info, event)
    facts = Facts.apply(facts, event)
    history.push(event)
    events = Facts.relevant(events, event, facts)
    if (info.unread.some((item) => item.seq === event.seq && item.delivery === "steer")) {
      steered.abort()
      steered = new AbortController()
    }
    for (const listener of listeners) listener(event)
  }

  async function read() {
    const ids = new Set<string>()
    for (;;) {
      const page = await store.events({ after: head, limit: pageSize })
      for (const event of page.events) {
        apply(event)
        ids.add(event.id)
      }
      if (page.events.length === 0 || head >= page.head) return ids
    }
  }

  async function write(drafts: readonly Tool.Draft[], still: () => boolean) {
    let bodies = drafts.map((draft): Body => ({ id: Identifier.create("event"), ...draft }))
    while (bodies.length > 0) {
      if (!still()) return false
      const lost = await store.append({ after: head, events: bodies }).then(() => false, isConflict)
      if (lost) {
        const ids = await read()
        bodies = bodies.filter((body) => !ids.has(body.id))
        continue
      }
      const actor = { type: "worker", sessionID: info.id, generation } as const
      for (const body of bodies) apply({ sessionID: info.id, seq: head + 1, at: now(), actor, ...body })
      return true
    }
    return true
  }

  function inLine<Result>(work: () => Promise<Result>) {
    const result = line.then(work)
    line = result.catch(() => undefined)
    return result
  }

  return {
    get info() {
      return info
    },
    get head() {
      return head
    },
    get facts() {
      return facts
    },
    /** Reads what is new, unless the log is known up to `to` by then. */
    pull: (to?: number) =>
      inLine(async () => {
        if (to === undefined || head < to) await read()
      }),
    /** Appends in order. Where something came in between, `still` says whether that is still what to do. */
    append: (drafts: readonly Tool.Draft[], still: () => boolean = () => true) => inLine(() => write(drafts, still)),
    listen(listener: (event: Read) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    needsWork: () => Fold.needsWork(info),

    messages: (reading: readonly number[]) => history.messages(reading),
    events: () => events,
    newest: () => facts.newest,
    steering: () => info.unread.filter((item) => item.delivery === "steer").map((item) => item.seq),
    steered: () => steered.signal,
    model(reading: readonly number[]) {
      const id = facts.modelOf(reading)
      return models.find((candidate) => candidate.id === id) ?? model
    },
    charged: () => facts.charged,
    budget: () => ({ limit: info.budget, spent: info.usage.cost.usd, refused: facts.refused }),
    noticed: (code: string) => facts.notices.has(code),
  }
}

/** Whether somebody was first; other errors are thrown on. */
function isConflict(error: unknown) {
  if (error instanceof VisibleError && error.code === "log.conflict") return true
  throw error
}
