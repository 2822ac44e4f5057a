import type {
  ContentBlock,
  ConverseStreamCommandInput,
  Message,
  Tool,
  ToolResultContentBlock,
} from "@aws-sdk/client-bedrock-runtime"
import type { Block } from "@remote-swe/core/log/schema"
import {
  answerLimit,
  budget,
  cachePoints,
  type Files,
  fitting,
  isAdaptive,
  type Limits,
  type Piece,
  type Turn,
  turns,
} from "../conversation.ts"
import type { Request } from "../model.ts"

/** What Converse takes at most. */
const limits: Limits = { imageBytes: 3_500_000, documentBytes: 4_500_000, images: 20, documents: 5, name: 64 }

const cachePoint = { cachePoint: { type: "default" } } as const

/**
 * One request in the form of Converse, with the same points for the cache as any other provider's: after the
 * tools, after the system prompt, and at the ends of the last request's messages and of this one's.
 */
export async function input(request: Request, files: Files): Promise<ConverseStreamCommandInput> {
  const { model, system } = request
  const conversation = await turns(request, files, limits)
  const limit = answerLimit(model)
  const caches = isClaude(request)
  return {
    modelId: model.providerID.bedrock ?? model.id,
    inferenceConfig: { maxTokens: limit },
    ...thinking(request, conversation, limit),
    system: [{ text: system }, ...(caches ? [cachePoint] : [])],
    ...(request.tools.length > 0 && { toolConfig: { tools: [...tools(request), ...(caches ? [cachePoint] : [])] } }),
    messages: messages(conversation, caches),
  }
}

/** Names of tools as Converse has them, and back. */
export const nameOf = ({ tools }: Request, name: string) =>
  tools.find((tool) => fitting(tool.name, limits.name) === name)?.name ?? name

/** Others may refuse a point for the cache. A profile of one's own is told by the name that it was given. */
const isClaude = ({ model }: Request) =>
  [model.id, model.name, model.providerID.bedrock].some((name) => name !== undefined && /claude|anthropic/i.test(name))

const tools = ({ tools }: Request): Tool[] =>
  tools.map(({ name, description, input }) => ({
    toolSpec: {
      name: fitting(name, limits.name),
      description,
      inputSchema: { json: document({ ...input, type: "object" }) },
    },
  }))

function thinking(request: Request, conversation: readonly Turn[], limit: number) {
  if (isAdaptive(request)) return asked({ type: "adaptive", display: "summarized" })
  const tokens = budget(request, conversation, limit)
  return tokens === 0 ? {} : asked({ type: "enabled", budget_tokens: tokens })
}

/** Converse hands these to the model as they are. */
const asked = (thinking: Record<string, string | number>) => ({ additionalModelRequestFields: { thinking } })

function messages(conversation: readonly Turn[], caches: boolean): Message[] {
  const points = caches ? cachePoints(conversation) : []
  const documents = { count: 0 }
  return conversation.map((turn, index): Message => {
    if (turn.role === "assistant") return { role: "assistant", content: turn.content.map(spoken) }
    const content = turn.content.map((part): ContentBlock => {
      if (part.type !== "result") return piece(part, documents)
      const inner = part.content.map((item): ToolResultContentBlock => piece(item, documents))
      const status = part.error ? ({ status: "error" } as const) : {}
      return { toolResult: { toolUseId: part.callID, content: inner, ...status } }
    })
    return { role: "user", content: points.includes(index) ? [...content, cachePoint] : content }
  })
}

function spoken(block: Block): ContentBlock {
  switch (block.type) {
    case "text":
      return { text: block.text }
    case "reasoning":
      return { reasoningContent: { reasoningText: { text: block.text, signature: block.signature } } }
    case "redacted":
      return { reasoningContent: { redactedContent: Buffer.from(block.data, "base64") } }
    case "call":
      return { toolUse: { toolUseId: block.id, name: block.name, input: document(block.input) } }
  }
}

type Shown = ContentBlock.TextMember | ContentBlock.ImageMember | ContentBlock.DocumentMember

/** Documents have names that nobody may have chosen, each its own: they are numbered as they come. */
function piece(part: Piece, documents: { count: number }): Shown {
  switch (part.type) {
    case "text":
      return { text: part.text }
    case "image":
      return { image: { format: part.format, source: { bytes: part.bytes } } }
    case "document":
      return { document: { format: "pdf", name: `document ${++documents.count}`, source: { bytes: part.bytes } } }
  }
}

/** What came out of JSON is a document of the SDK's. */
const document = (value: Record<string, unknown>) => value as { [name: string]: string }
