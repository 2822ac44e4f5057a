import type Anthropic from "@anthropic-ai/sdk"
import type { Ref as File } from "@remote-swe/core/file/schema"
import type { History } from "@remote-swe/core/log/history"
import type { Block, Content } from "@remote-swe/core/log/schema"
import type { Request, ToolSpec } from "./model.ts"

export interface Files {
  /** Reads a file of the session; undefined when it is gone. */
  load(file: File): Promise<Uint8Array | undefined>
  /** Where commands find a file that a person attached. */
  path(file: File): string
}

/** The provider refuses larger ones; base64 makes a third more of them. */
export const imageBytes = 3_500_000
export const documentBytes = 20_000_000
export const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"]

const cached = { cache_control: { type: "ephemeral" } } as const
const longestAnswer = 32_000

interface Message {
  role: "user" | "assistant"
  content: Anthropic.ContentBlockParam[]
}

/**
 * One request in Anthropic's form. What doesn't change stands first and is cached: tools, system, and
 * the messages up to the end of the last request and of this one.
 */
export async function body(request: Request, files: Files): Promise<Anthropic.MessageCreateParamsStreaming> {
  const { model } = request
  const eyes = { ...files, images: model.images }
  const messages = await Promise.all(joined(request).map((message) => convert(message, eyes)))
  const limit = Math.min(model.maxOutput, longestAnswer, Math.max(1_024, Math.floor(model.context / 5)))
  return {
    model: model.providerID.anthropic ?? model.providerID.demo ?? model.id,
    max_tokens: limit,
    stream: true,
    ...thinking(request, messages, limit),
    system: [{ type: "text", text: request.system, ...cached }],
    ...(request.tools.length > 0 && { tools: tools(request.tools) }),
    messages: withCachePoints(messages),
  }
}

const tools = (specs: readonly ToolSpec[]): Anthropic.Tool[] =>
  specs.map(({ name, description, input }, index) => ({
    name,
    description,
    input_schema: { ...input, type: "object" },
    ...(index === specs.length - 1 && cached),
  }))

/**
 * A turn that uses tools must begin with the model's reasoning where reasoning is on. It doesn't where
 * another model began it, or this one with reasoning off; then it goes on without.
 */
function thinking(request: Request, messages: readonly Message[], limit: number) {
  if (!request.model.reasoning || request.reasoning === 0) return {}
  if (request.model.thinking === "adaptive") return { thinking: { type: "adaptive", display: "summarized" } as const }
  const goesOn = messages.at(-1)?.content.some((block) => block.type === "tool_result")
  const first = messages.findLast((message) => message.role === "assistant")?.content[0]?.type
  if (goesOn && first !== "thinking" && first !== "redacted_thinking") return {}
  const budget = Math.min(request.reasoning, limit - 512)
  return budget < 1_024 ? {} : { thinking: { type: "enabled", budget_tokens: budget } as const }
}

/** Roles alternate: neighbours of one role become one message, and what has no content is left out. */
function joined({ messages, model }: Request): History.Message[] {
  const result: History.Message[] = []
  for (const message of messages) {
    const next = message.role === "assistant" ? { ...message, content: own(message, model) } : message
    if (next.content.length === 0) continue
    const last = result.at(-1)
    if (last?.role === "user" && next.role === "user") {
      result[result.length - 1] = { role: "user", content: [...last.content, ...next.content] }
      continue
    }
    result.push(next)
  }
  return result
}

/**
 * Only the model that reasoned can read its reasoning; alone it is no message. A model that reasons between
 * its calls decides where; of the others, reasoning stands before the calls or nowhere.
 */
function own(message: Extract<History.Message, { role: "assistant" }>, model: Request["model"]): Block[] {
  const { content } = message
  const said = content.filter((block) => block.type === "text" || block.type === "call")
  if (said.length === 0 || message.model !== model.id) return said
  const late = !isReasoning(content[0]) && said.some((block) => block.type === "call")
  if (late && model.thinking !== "adaptive") return said
  return content.filter((block) => block.type !== "reasoning" || block.signature !== undefined)
}

const isReasoning = (block: Block | undefined) => block?.type === "reasoning" || block?.type === "redacted"

async function convert(message: History.Message, eyes: Eyes): Promise<Message> {
  if (message.role === "assistant") return { role: "assistant", content: message.content.map(spoken) }
  const blocks = await Promise.all(
    message.content.map(async (part): Promise<Anthropic.ContentBlockParam[]> => {
      if (part.type === "text") return [await attachment(part, eyes)]
      if (part.type !== "result") return [await attachment(part, eyes), saved(part.file, eyes)]
      const inner = await Promise.all(part.content.map((item) => attachment(item, eyes)))
      const result: Anthropic.ToolResultBlockParam = {
        type: "tool_result",
        tool_use_id: callID(part.callID),
        content: inner.length > 0 ? inner : [{ type: "text", text: "(no output)" }],
        ...(part.error && { is_error: true }),
      }
      return [result]
    }),
  )
  const content = blocks.flat()
  const isResult = (block: Anthropic.ContentBlockParam) => block.type === "tool_result"
  return { role: "user", content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] }
}

function spoken(block: Block): Anthropic.ContentBlockParam {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text.toWellFormed() }
    case "reasoning":
      return { type: "thinking", thinking: block.text, signature: block.signature ?? "" }
    case "redacted":
      return { type: "redacted_thinking", data: block.data }
    case "call":
      return { type: "tool_use", id: callID(block.id), name: toolName(block.name), input: block.input }
  }
}

/** Ids and names of other providers, or of a confused model, may hold what this one refuses. */
const callID = (id: string) => id.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 128) || "_"
const toolName = (name: string) => name.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 128) || "_"

/** How a model gets to see files, and whether it sees images. */
interface Eyes extends Files {
  images: boolean
}

type Attachment = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam

async function attachment(part: Content, { load, images }: Eyes): Promise<Attachment> {
  if (part.type === "text") return { type: "text", text: part.text.trim() ? part.text.toWellFormed() : "(empty)" }
  const { file } = part
  const isImage = imageTypes.includes(file.type)
  if (!isImage && file.type !== "application/pdf") return described(file, "")
  if (isImage && !images) return described(file, " This model cannot see images.")
  if (file.size > (isImage ? imageBytes : documentBytes)) return described(file, " It is too large to be shown here.")
  const bytes = await load(file)
  if (!bytes) return described(file, " It is gone.")
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
  if (!isImage) return { type: "document", source: { type: "base64", media_type: "application/pdf", data } }
  const type = file.type as Anthropic.Base64ImageSource["media_type"]
  return { type: "image", source: { type: "base64", media_type: type, data } }
}

const saved = (file: File, { path }: Eyes): Anthropic.TextBlockParam => ({
  type: "text",
  text: `[${file.name} is saved at ${path(file)}]`,
})

const described = (file: File, more: string): Anthropic.TextBlockParam => ({
  type: "text",
  text: `[File ${file.name} (${file.type}, ${file.size} bytes).${more}]`,
})

/** The provider looks back 20 blocks for what it has cached, so the end of the last request gets a point too. */
function withCachePoints(messages: readonly Message[]) {
  const points = messages.flatMap((message, index) => (message.role === "user" ? [index] : [])).slice(-2)
  return messages.map((message, index) => {
    const { content } = message
    if (!points.includes(index)) return message
    return { ...message, content: content.map((block, at) => (at === content.length - 1 ? point(block) : block)) }
  })
}

function point(block: Anthropic.ContentBlockParam): Anthropic.ContentBlockParam {
  switch (block.type) {
    case "text":
    case "tool_result":
    case "image":
    case "document":
      return { ...block, ...cached }
    default:
      return block
  }
}
