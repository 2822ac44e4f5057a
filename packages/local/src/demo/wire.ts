import { createHash } from "node:crypto"
import * as v from "valibot"

/** The part of Anthropic's Messages API that the demo model reads. */

const Text = v.object({ type: v.literal("text"), text: v.string() })
const Thinking = v.object({ type: v.literal("thinking"), thinking: v.string(), signature: v.string() })
const Use = v.object({
  type: v.literal("tool_use"),
  id: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_-]{1,128}$/)),
  name: v.string(),
  input: v.record(v.string(), v.unknown()),
})
const Opaque = v.object({ type: v.picklist(["image", "document", "redacted_thinking"]) })

/** A list of blocks, or a text in place of a list with one text block. */
const list = <Block extends v.GenericSchema>(block: Block) =>
  v.pipe(
    v.union([v.array(block), v.string()]),
    v.transform((given): (v.InferOutput<Block> | v.InferOutput<typeof Text>)[] =>
      typeof given === "string" ? [{ type: "text", text: given }] : given,
    ),
  )

const Result = v.object({
  type: v.literal("tool_result"),
  tool_use_id: v.string(),
  content: v.optional(list(v.variant("type", [Text, Opaque])), []),
  is_error: v.optional(v.boolean(), false),
})

const User = v.object({
  role: v.literal("user"),
  content: list(v.variant("type", [Text, Opaque, Result])),
})
const Assistant = v.object({
  role: v.literal("assistant"),
  content: list(v.variant("type", [Text, Opaque, Thinking, Use])),
})
export type User = v.InferOutput<typeof User>
export type Assistant = v.InferOutput<typeof Assistant>
export type Message = User | Assistant

export const Request = v.object({
  model: v.pipe(v.string(), v.minLength(1)),
  max_tokens: v.pipe(v.number(), v.integer(), v.minValue(1)),
  stream: v.optional(v.boolean(), false),
  thinking: v.optional(v.object({ type: v.picklist(["enabled", "adaptive", "disabled"]) })),
  system: v.optional(v.unknown()),
  tools: v.optional(v.array(v.looseObject({ name: v.string() })), []),
  messages: v.pipe(v.array(v.variant("role", [User, Assistant])), v.minLength(1)),
})
export type Request = v.InferOutput<typeof Request>

/** What the real API would refuse the conversation for, in its words; undefined when it is valid. */
export function refusal(messages: readonly Message[]): string | undefined {
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role'
  for (const [index, message] of messages.entries()) {
    const problem = message.role === "user" ? unasked(messages, index, message) : unanswered(messages, index, message)
    if (problem) return problem
  }
}

function unanswered(messages: readonly Message[], index: number, message: Assistant) {
  const forged = message.content.findIndex((item) => item.type === "thinking" && item.signature !== sign(item.thinking))
  if (forged !== -1) return `messages.${index}.content.${forged}: Invalid \`signature\` in \`thinking\` block`
  const answered = results(messages[index + 1]).map((result) => result.tool_use_id)
  const open = uses(message).filter((use) => !answered.includes(use.id))
  if (open.length === 0) return
  const ids = open.map((use) => use.id).join(", ")
  return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
}

function unasked(messages: readonly Message[], index: number, message: User) {
  const asked = uses(messages[index - 1]).map((use) => use.id)
  const ids = results(message).map((result) => result.tool_use_id)
  const foreign = ids.find((id) => !asked.includes(id))
  if (foreign)
    return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${foreign}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
  if (new Set(ids).size < ids.length) return `messages.${index}: each tool_use must have a single result`
}

export function uses(message: Message | undefined) {
  if (message?.role !== "assistant") return []
  return message.content.filter((block) => block.type === "tool_use")
}

export function results(message: Message | undefined) {
  if (message?.role !== "user") return []
  return message.content.filter((block) => block.type === "tool_result")
}

/** A signature that shows whether a thinking block came back as it was. It keeps no secret. */
export function sign(thinking: string) {
  return createHash("sha512").update(`demo ${thinking}`).digest("base64")
}
