import type Anthropic from "@anthropic-ai/sdk"
import type { Block } from "@remote-swe/core/log/schema"
import {
  answerLimit,
  budget,
  cachePoints,
  type Files,
  isAdaptive,
  type Limits,
  type Piece,
  type Result,
  type Turn,
  turns,
} from "./conversation.ts"
import type { Request, ToolSpec } from "./model.ts"

/** The provider refuses larger ones; base64 makes a third more of them. */
const limits: Limits = { imageBytes: 3_500_000, documentBytes: 20_000_000, images: 100, documents: 100, name: 128 }

const cached = { cache_control: { type: "ephemeral" } } as const

/**
 * One request in Anthropic's form. What doesn't change stands first and is cached: tools, system, and
 * the messages up to the end of the last request and of this one.
 */
export async function body(request: Request, files: Files): Promise<Anthropic.MessageCreateParamsStreaming> {
  const { model } = request
  const conversation = await turns(request, files, limits)
  const limit = answerLimit(model)
  return {
    model: model.providerID.anthropic ?? model.providerID.demo ?? model.id,
    max_tokens: limit,
    stream: true,
    ...thinking(request, conversation, limit),
    system: [{ type: "text", text: request.system, ...cached }],
    ...(request.tools.length > 0 && { tools: tools(request.tools) }),
    messages: messages(conversation),
  }
}

const tools = (specs: readonly ToolSpec[]): Anthropic.Tool[] =>
  specs.map(({ name, description, input }, index) => ({
    name,
    description,
    input_schema: { ...input, type: "object" },
    ...(index === specs.length - 1 && cached),
  }))

function thinking(request: Request, conversation: readonly Turn[], limit: number) {
  if (isAdaptive(request)) return { thinking: { type: "adaptive", display: "summarized" } as const }
  const tokens = budget(request, conversation, limit)
  return tokens === 0 ? {} : { thinking: { type: "enabled", budget_tokens: tokens } as const }
}

/** The provider looks back 20 blocks for what it has cached, so the end of the last request gets a point too. */
function messages(conversation: readonly Turn[]): Anthropic.MessageParam[] {
  const points = cachePoints(conversation)
  return conversation.map((turn, index) => {
    if (turn.role === "assistant") return { role: "assistant", content: turn.content.map(spoken) }
    const content = turn.content.map((part) => (part.type === "result" ? result(part) : piece(part)))
    const last = points.includes(index) ? content.length - 1 : -1
    return { role: "user", content: content.map((block, at) => (at === last ? { ...block, ...cached } : block)) }
  })
}

function spoken(block: Block): Anthropic.ContentBlockParam {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text }
    case "reasoning":
      return { type: "thinking", thinking: block.text, signature: block.signature ?? "" }
    case "redacted":
      return { type: "redacted_thinking", data: block.data }
    case "call":
      return { type: "tool_use", id: block.id, name: block.name, input: block.input }
  }
}

const result = ({ callID, content, error }: Result): Anthropic.ToolResultBlockParam => ({
  type: "tool_result",
  tool_use_id: callID,
  content: content.map(piece),
  ...(error && { is_error: true }),
})

type Shown = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam

function piece(part: Piece): Shown {
  switch (part.type) {
    case "text":
      return part
    case "image":
      return { type: "image", source: { type: "base64", media_type: `image/${part.format}`, data: base64(part.bytes) } }
    case "document":
      return {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: base64(part.bytes) },
      }
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
