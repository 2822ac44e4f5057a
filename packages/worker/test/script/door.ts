import { type Answer, events, type Failure } from "./reply.ts"
import { validate } from "./validate.ts"
import type { Body } from "./wire.ts"

/** How a provider is spoken to: what the script says is the same at each. */
export interface Door {
  /** The request, and what is wrong with it. */
  read(path: string, given: string, headers: NodeJS.Dict<string | string[]>): { body: Body; faults: string[] }
  failure(failure: Failure): { status: number; headers: Record<string, string>; body: string }
  contentType: string
  frames(answer: Answer, model: string): Iterable<string | Buffer>
}

/** Anthropic's Messages API. */
export const anthropic: Door = {
  read(_, given) {
    const body = JSON.parse(given) as Body
    return { body, faults: validate(body) }
  },
  failure: ({ status, error, message, headers = {} }) => ({
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ type: "error", error: { type: error, message } }),
  }),
  contentType: "text/event-stream",
  *frames(answer, model) {
    for (const event of events(answer, model)) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  },
}
