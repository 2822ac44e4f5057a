export type Command =
  | { type: "approve_user" | "revoke_user"; people: string[] }
  | { type: "take_over"; url: string }
  | { type: "dump_history" | "stop" | "status" | "help" | "empty" }

/** What is asked of the bot itself; undefined for a task. `text` is in Slack's markup, without our mention. */
export function parse(text: string): Command | undefined {
  const [word = "", ...rest] = text.trim().split(/\s+/)
  const verb = word.toLowerCase()
  switch (verb) {
    case "approve_user":
    case "revoke_user":
      return { type: verb, people: [...new Set(people(rest.join(" ")))] }
    case "take_over":
      return {
        type: "take_over",
        url: (rest[0] ?? "").replace(/^<([^|>]*)(\|[^>]*)?>$/, "$1").replaceAll("&amp;", "&"),
      }
    case "dump_history":
    case "stop":
    case "status":
    case "help":
      // "stop using tabs" is a task.
      return rest.length === 0 ? { type: verb } : undefined
    default:
      return undefined
  }
}

const people = (text: string) =>
  [...text.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g)].flatMap((match) => match[1] ?? [])
