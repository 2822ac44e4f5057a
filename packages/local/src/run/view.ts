import { styleText } from "node:util"
import type { Artifact, Block, Content, Read, TodoItem } from "@remote-swe/core/log/schema"
import type { Info } from "@remote-swe/core/session/schema"

/** A session's events as lines for a terminal. Pure, but for colours, which follow the terminal. */
export function lines(event: Read): string[] {
  switch (event.kind) {
    case "joined":
      return event.sandbox === "full"
        ? [dim("A worker has started; commands run in a sandbox")]
        : [dim("A worker has started; commands run without a sandbox, as you")]
    case "left":
      return event.reason === "lost" ? [warn("The worker was lost; another one goes on")] : []
    case "output":
      return event.content.flatMap(block)
    case "result":
      return event.error ? [bad(`  ✗ ${first(event.content)}`)] : []
    case "todo":
      return event.items.map(item)
    case "artifact":
      return artifact(event.artifact)
    case "notice":
      return [event.level === "info" ? dim(clean(event.text)) : warn(clean(event.text))]
    case "denial": {
      const port = event.port === undefined ? "" : `:${event.port}`
      return [warn(`  The network refused ${clean(event.host)}${port}`)]
    }
    case "ask":
      return [warn(`The agent asks: ${clean(event.text)}`), ...event.options.map((option) => `  - ${clean(option)}`)]
    case "turn":
      if (event.turn.phase === "started" || !event.turn.problem) return []
      return [bad(clean(event.turn.problem.message))]
    default:
      return []
  }
}

/** What is left of a session that has come to its end. */
export function summary(info: Info, url: string): string[] {
  const { usd, unpriced } = info.usage.cost
  const cost = unpriced === 0 ? `$${usd.toFixed(4)}` : usd > 0 ? `$${usd.toFixed(4)} and ${unknown}` : unknown
  return [
    "",
    ...(info.branch ? [`Branch:       ${clean(info.branch)}`] : []),
    ...info.pullRequests.map(
      ({ number, url, title, repository }) =>
        `Pull request: ${clean(url ?? `#${number} at ${repository}`)} (${clean(title)})`,
    ),
    `Cost:         ${cost}`,
    `Session:      ${url}/session/${info.id}`,
  ]
}

const unknown = "an unknown amount (the model has no known price)"

function block(block: Block): string[] {
  if (block.type === "text") return block.text.trim() ? ["", clean(block.text.trim())] : []
  if (block.type !== "call") return []
  return [accent(`→ ${clean(block.name)} ${dim(subject(block.input))}`)]
}

/** The argument of a call that says most. */
function subject(input: Record<string, unknown>) {
  const named = ["command", "path", "pattern", "source", "repository", "title"].map((name) => input[name])
  const found = named.find((value) => typeof value === "string")
  return shorten(typeof found === "string" ? found : "")
}

function item({ text, status }: TodoItem) {
  const marks = { done: "✓", active: "▸", pending: "·" }
  return `  ${marks[status]} ${clean(text)}`
}

function artifact(artifact: Artifact): string[] {
  switch (artifact.type) {
    case "pull_request":
      return [good(`✓ Pull request ${clean(artifact.url ?? `#${artifact.number}`)}: ${clean(artifact.title)}`)]
    case "branch":
      return [good(`✓ Pushed ${clean(artifact.branch)}`)]
    case "file":
      return [good(`✓ File ${clean(artifact.file.name)}`)]
    default:
      return []
  }
}

const first = (content: readonly Content[]) => {
  const text = content.find((part) => part.type === "text")
  return shorten(text?.type === "text" ? text.text : "It failed")
}

function shorten(text: string) {
  const [line = ""] = clean(text).trim().split("\n", 1)
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** Without what a terminal obeys: the text may be anybody's. */
const clean = (text: string) => text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "")

const dim = (text: string) => styleText("dim", text)
const warn = (text: string) => styleText("yellow", text)
const bad = (text: string) => styleText("red", text)
const good = (text: string) => styleText("green", text)
const accent = (text: string) => styleText("cyan", text)
