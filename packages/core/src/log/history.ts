export * as History from "./history.ts"
import type { Ref as File } from "../file/schema.ts"
import type { Block, Call, Content, InfoOf, Read } from "./schema.ts"

/**
 * What the model is sent, free of any provider's wire form. Whatever the log holds: roles alternate,
 * the first is `user`, and each call has exactly one result, in the message that follows it.
 */
export type Part =
  | { type: "text"; text: string }
  | { type: "image"; file: File }
  | { type: "file"; file: File }
  | { type: "result"; callID: string; content: Content[]; error: boolean }
export type Message = { role: "user"; content: Part[] } | { role: "assistant"; model: string; content: Block[] }

type Group =
  | { at: number; role: "user"; parts: Part[] }
  | { at: number; role: "assistant"; output: InfoOf<"output">; results: Map<string, InfoOf<"result">> }

export const interrupted = "This call was interrupted before it had a result. It may or may not have had an effect."
const stopped = "[The user stopped you here.]"
/** Stands where the model is to go on though nobody said anything. */
export const goOn = "Go on."

/** The history that a log stands for. */
export function fold(events: readonly Read[]): Message[] {
  const builder = create()
  for (const event of events) builder.push(event)
  return builder.messages()
}

/** Folds event by event, so that a long session isn't read again for each call. */
export function create() {
  const unread = new Map<number, InfoOf<"message"> | InfoOf<"answer">>()
  let groups: Group[] = []

  /** A message has its place where it was read, not where it was written. */
  function read(at: number, seqs: Iterable<number>) {
    const parts = [...seqs].flatMap((seq) => {
      const event = unread.get(seq)
      unread.delete(seq)
      return spoken(event)
    })
    if (parts.length > 0) groups.push({ at, role: "user", parts })
  }

  function push(event: Read) {
    switch (event.kind) {
      case "message":
      case "answer":
        return void unread.set(event.seq, event)
      case "turn":
        if (event.turn.phase === "started") return read(event.seq, event.turn.read)
        if (event.turn.outcome === "stopped")
          groups.push({ at: event.seq, role: "user", parts: [{ type: "text", text: stopped }] })
        return
      case "output":
        read(event.seq, event.read)
        return void groups.push({ at: event.seq, role: "assistant", output: event, results: new Map() })
      case "result":
        return attach(groups, event)
      case "stop":
        return read(event.seq, [...unread.keys()])
      case "summary": {
        const text = `Summary of what happened so far:\n\n${event.text}`
        const kept = groups.filter((group) => group.at > event.upTo)
        groups = [{ at: event.upTo, role: "user", parts: [{ type: "text", text }] }, ...kept.map(unreasoned)]
        return
      }
      // Another worker may have other tools and another system prompt.
      case "joined":
        groups = groups.map(unreasoned)
    }
  }

  /** What the model is sent when it reads `reading` now: the same as when an output has read it. */
  function messages(reading: readonly number[] = []) {
    const parts = reading.flatMap((seq) => spoken(unread.get(seq)))
    return flatten(parts.length > 0 ? [...groups, { at: Infinity, role: "user", parts }] : groups)
  }

  return { push, messages }
}

/**
 * Reasoning is bound to all that stood before it, system prompt and tools included: providers refuse it, and
 * with it the request, where any of that has changed. What stands before a change can be left out.
 */
function unreasoned(group: Group): Group {
  if (group.role === "user") return group
  const content = group.output.content.filter((block) => block.type !== "reasoning" && block.type !== "redacted")
  return { ...group, output: { ...group.output, content } }
}

/** A result belongs to the newest answer that asked for it and has none. */
function attach(groups: readonly Group[], event: InfoOf<"result">) {
  const group = groups.findLast(
    (group) =>
      group.role === "assistant" &&
      !group.results.has(event.callID) &&
      group.output.content.some((block) => block.type === "call" && block.id === event.callID),
  )
  if (group?.role === "assistant") group.results.set(event.callID, event)
}

function spoken(event: InfoOf<"message"> | InfoOf<"answer"> | undefined): Part[] {
  if (!event) return []
  if (event.kind === "answer") {
    const verdict = event.approved === undefined ? "" : event.approved ? "Approved. " : "Refused. "
    return [{ type: "text", text: `${verdict}${event.text}`.trim() || "(no answer)" }]
  }
  const files = event.files.map((file): Part => ({ type: file.type.startsWith("image/") ? "image" : "file", file }))
  return [...files, { type: "text", text: event.text.trim() || "(an empty message)" }]
}

function flatten(groups: readonly Group[]): Message[] {
  const messages: Message[] = []
  const ids = new Set<string>()

  function user(parts: Part[]) {
    const last = messages.at(-1)
    if (last?.role === "user") last.content.push(...parts)
    else messages.push({ role: "user", content: [...parts] })
  }

  for (const group of groups) {
    if (group.role === "user") {
      user(group.parts)
      continue
    }
    const content = sendable(group.output.content, ids)
    if (!content.some((block) => block.type === "text" || block.type === "call")) continue
    if (messages.at(-1)?.role !== "user") user([{ type: "text", text: goOn }])
    messages.push({ role: "assistant", model: group.output.model, content })
    const results = content.filter((block) => block.type === "call").map((call) => answer(call, group.results))
    if (results.length > 0) user(results)
  }
  return messages
}

/** Without empty texts, and without a call whose id was used before: providers refuse both. */
function sendable(content: readonly Block[], ids: Set<string>) {
  return content.filter((block) => {
    if (block.type === "text") return block.text.trim() !== ""
    if (block.type !== "call") return true
    if (ids.has(block.id)) return false
    ids.add(block.id)
    return true
  })
}

function answer(call: Call, results: Map<string, InfoOf<"result">>): Part {
  const result = results.get(call.id)
  if (!result) return { type: "result", callID: call.id, content: [{ type: "text", text: interrupted }], error: true }
  return { type: "result", callID: call.id, content: result.content, error: result.error }
}
