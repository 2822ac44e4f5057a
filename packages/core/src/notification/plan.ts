import type { InfoOf, Read } from "../log/schema.ts"
import type { Words } from "./words.ts"

/** What somebody is told of each event. Pure. */

export type News =
  { type: "done" | "failed" | "limit" | "question" | "approval" | "budget" } | { type: "pull_request"; number: number }

/** The kinds that `plan` looks at, and those whose author is asked for. infra/deliver.ts has them as the stream's filter. */
export const kinds = ["message", "ask", "artifact", "turn"] as const

export function plan(event: Read): News[] {
  switch (event.kind) {
    case "ask":
      return [{ type: event.type }]
    case "artifact":
      return event.artifact.type === "pull_request" ? [{ type: "pull_request", number: event.artifact.number }] : []
    case "turn":
      return ended(event)
    default:
      return []
  }
}

/** A question speaks for itself, and who stopped the agent knows. */
function ended({ turn }: InfoOf<"turn">): News[] {
  if (turn.phase !== "ended" || turn.outcome === "waiting" || turn.outcome === "stopped") return []
  return [{ type: turn.outcome }]
}

export const isUrgent = ({ type }: News) => type === "question" || type === "approval" || type === "budget"

export const text = (news: News, said: Words) =>
  news.type === "pull_request" ? said.pullRequest(news.number) : said[news.type]
