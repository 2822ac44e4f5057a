import { decode, type Read } from "@remote-swe/core/log/schema"
import { Announcement, Delta } from "@remote-swe/core/protocol/schema"
import { Fold } from "@remote-swe/core/session/fold"
import type { Info } from "@remote-swe/core/session/schema"
import { batch, createSignal, onCleanup } from "solid-js"
import { createStore, produce, reconcile, unwrap } from "solid-js/store"
import * as v from "valibot"
import { useLive } from "../context/live.tsx"
import { add, type Chat, empty, liveRow } from "./chat.ts"
import { preview } from "./delta.ts"
import { readEvents } from "./session.ts"
import { createSessionLog } from "./session-log.ts"

interface Opened {
  info: Info
  events: Read[]
  mayAlways: boolean
}

/** One session as a page shows it: its fold and its chat, kept in step with the log. */
export function createSessionStore(opened: Opened) {
  const live = useLive()
  const { id } = opened.info
  let info = opened.info
  let events = opened.events
  const [state, setState] = createStore({ info, chat: chatOf(events), first: events[0]?.seq ?? 1 })
  const [diffs, setDiffs] = createSignal(0)
  const [failure, setFailure] = createSignal<unknown>()
  const [complaint, setComplaint] = createSignal<unknown>()

  const log = createSessionLog({
    head: info.head,
    async read(after) {
      const page = await readEvents({ id, after })
      setFailure(undefined)
      return page
    },
    apply: (next) => frame.add(...next.map((event) => ({ event }))),
    failed: setFailure,
  })

  /** What came in since the page was last painted, in order. */
  const frame = createFrame<{ event: Read } | { delta: Delta }>((items) =>
    batch(() => {
      setState(
        "chat",
        produce((chat) => {
          for (const item of items) change(chat, item)
        }),
      )
      setState("info", reconcile(info))
    }),
  )

  function change(chat: Chat, item: { event: Read } | { delta: Delta }) {
    if ("delta" in item) return preview(chat, item.delta, { seq: info.head, turnID: info.turnID, at: Date.now() })
    info = Fold.apply(info, item.event)
    events.push(item.event)
    add(chat, item.event)
  }

  live.listen(`session/${id}/events`, (message) => {
    const { seq, event, following } = v.parse(Announcement, message)
    // What was too large for the broker comes without its content.
    if (!event) return void log.nudge(seq)
    for (const item of [event, ...following]) void log.receive(decode(item))
  })
  live.listen(`session/${id}/delta`, (message) => {
    const delta = v.parse(Delta, message)
    if (delta.type === "diff") return setDiffs((count) => count + 1)
    frame.add({ delta })
  })
  // What begins, ends or fails here comes with an event, and those who wait for none still learn of it.
  live.onCatchUp(
    () => void log.resync(),
    () => !Fold.needsWork(info),
  )
  onCleanup(() => log.close())

  return {
    state,
    /** Whether whoever looks at it may allow a host to all sessions. */
    mayAlways: opened.mayAlways,
    /** Counts up when the session's diff has changed. */
    diffs,
    /** Why the log cannot be read, while it cannot. */
    failure,
    /** Reads on now, because an action has written up to `head`. */
    reached: (head: number) => void log.nudge(head),
    /** Why the last thing that a person asked for was not done. */
    complaint,
    dismiss: () => setComplaint(undefined),
    /** Sees to the end of something that a person asked for. */
    async attempt(work: Promise<{ head: number } | void>) {
      setComplaint(undefined)
      await work.then((done) => done && void log.nudge(done.head), setComplaint)
    },
    /** Reads the page of events before the first one. */
    async older() {
      const page = await readEvents({ id, before: state.first })
      events = [...page.items, ...events]
      const whole = chatOf(events)
      // Rows that are there do not depend on what came before them, so they stay as they are.
      const shown = unwrap(state.chat.rows)
      const known = shown.length - (liveRow(state.chat) ? 1 : 0)
      const { rows, ...rest } = whole
      batch(() => {
        setState("chat", rest)
        setState("chat", "rows", [...rows.slice(0, rows.length - known), ...shown])
        setState("first", events[0]?.seq ?? 1)
      })
    },
  }
}

export type SessionStore = ReturnType<typeof createSessionStore>

function chatOf(events: readonly Read[]) {
  const chat = empty()
  for (const event of events) add(chat, event)
  return chat
}

/** Collects items and hands them over once a frame. */
function createFrame<Item>(flush: (items: Item[]) => void) {
  const waiting: Item[] = []
  function run() {
    if (waiting.length > 0) flush(waiting.splice(0))
  }
  return {
    add(...items: Item[]) {
      if (waiting.length === 0) later(run)
      waiting.push(...items)
    },
  }
}

/** A frame that was asked for just before the page was hidden would not come until it is shown again. */
function later(run: () => void) {
  if (!document.hidden) requestAnimationFrame(run)
  setTimeout(run, 100)
}
