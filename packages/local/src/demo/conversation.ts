import { message } from "./repository.ts"
import { type Message, results, uses } from "./wire.ts"

/** What a call came back with. */
export interface Result {
  text: string
  error: boolean
}

/** One step of the recording as it really went: its calls' results, in the order of the calls. */
export interface Round {
  step: string
  results: Result[]
}

export interface Conversation {
  /** Somebody asked for the recorded task. */
  known: boolean
  /** Since then. */
  rounds: Round[]
  /** An answer without calls stands at the end: the task was played, or given up. */
  ended: boolean
  /** Somebody has said something since the last answer. */
  interjected: boolean
}

/** The calls' ids say which step of the recording they belong to. */
const prefix = "toolu_demo"
export const callID = (step: string, index: number, salt: string) => `${prefix}_${step}_${index}_${salt}`
const stepOf = (id: string) => (id.startsWith(`${prefix}_`) ? id.split("_")[2] : undefined)

export function read(messages: readonly Message[]): Conversation {
  const start = messages.findLastIndex((item) => item.role === "user" && texts(item).some(asksForTask))
  const since = messages.slice(start)
  const last = since.at(-1)
  const rounds = since.flatMap((item, index) => round(item, since[index + 1]))
  return {
    known: start !== -1,
    rounds,
    ended: uses(since.findLast((item) => item.role === "assistant")).length === 0 && since.length > 1,
    interjected: since.length > 1 && last?.role === "user" && texts(last).length > 0,
  }
}

/** A person may have said it in other words; a worker may have put something around it. */
function asksForTask(text: string) {
  return text.includes(message) || text.includes("7-sixty-seconds")
}

function texts(item: Message) {
  return item.content.flatMap((block) => (block.type === "text" ? [block.text] : []))
}

function round(item: Message, next: Message | undefined): Round[] {
  const calls = uses(item)
  const step = calls.map((call) => stepOf(call.id)).find((name) => name !== undefined)
  if (!step) return []
  const given = results(next)
  return [
    {
      step,
      results: calls.map((call) => {
        const result = given.find((found) => found.tool_use_id === call.id)
        const parts = result?.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) ?? []
        return { text: parts.join("\n"), error: result?.is_error ?? true }
      }),
    },
  ]
}
