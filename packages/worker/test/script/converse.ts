import { validate } from "./validate.ts"
import type { Block, Body, Message } from "./wire.ts"

/** As much of a Converse request as our adapter uses. */
export interface Converse {
  messages: { role: "user" | "assistant"; content: Part[] }[]
  system?: Part[]
  inferenceConfig?: { maxTokens: number }
  toolConfig?: { tools: Tool[] }
  additionalModelRequestFields?: { thinking?: { type: string; budget_tokens?: number } }
}

interface Tool {
  toolSpec?: { name: string; description: string; inputSchema: { json: Record<string, unknown> } }
  cachePoint?: CachePoint
}

export interface Part {
  text?: string
  image?: { format: string; source: { bytes: string } }
  document?: { format: string; name: string; source: { bytes: string } }
  toolUse?: { toolUseId: string; name: string; input: unknown }
  toolResult?: { toolUseId: string; content: Part[]; status?: string }
  reasoningContent?: { reasoningText?: { text: string; signature: string }; redactedContent?: string }
  cachePoint?: CachePoint
}

interface CachePoint {
  type: string
}

/** What Converse would refuse, besides what Anthropic's own API would refuse of the same request. */
export function faultsOf(given: Converse, model: string): string[] {
  const known = ["messages", "system", "inferenceConfig", "toolConfig", "additionalModelRequestFields"]
  const unknown = Object.keys(given).filter((key) => !known.includes(key))
  const lists = [given.system ?? [], given.toolConfig?.tools ?? [], ...given.messages.map(({ content }) => content)]
  const parts = given.messages.flatMap(({ content }) => content)
  const inner = parts.flatMap((part) => part.toolResult?.content ?? [])
  const names = [...parts, ...inner].flatMap((part) => part.document?.name ?? [])
  return [
    ...(unknown.length > 0 ? [`unknown fields: ${unknown.join(", ")}`] : []),
    ...(/^[\w.:/-]{1,2048}$/.test(model) ? [] : [`model id ${model}`]),
    ...(parts.some((part) => part.toolUse ?? part.toolResult) && !given.toolConfig
      ? ["toolConfig must be there where tools are used"]
      : []),
    ...(given.toolConfig?.tools ?? []).flatMap(({ toolSpec }) => (toolSpec ? nameFaults(toolSpec.name) : [])),
    ...lists.flatMap(pointFaults),
    ...[...parts, ...inner].flatMap(partFaults),
    ...given.messages.flatMap(({ content }) => countFaults(content)),
    ...(new Set(names).size === names.length ? [] : ["documents must have names of their own"]),
    ...validate(toBody(given, model)),
  ]
}

const nameFaults = (name: string) => (/^[a-zA-Z0-9_-]{1,64}$/.test(name) ? [] : [`name or id ${name}`])

function pointFaults(list: (Part | Tool)[]): string[] {
  return list.flatMap(({ cachePoint }, index) => {
    if (!cachePoint) return []
    const before = list[index - 1]
    if (!before || before.cachePoint) return ["a cachePoint with nothing before it"]
    return cachePoint.type === "default" ? [] : [`a cachePoint of type ${cachePoint.type}`]
  })
}

function partFaults(part: Part): string[] {
  if (Object.keys(part).length !== 1) return [`a block with ${Object.keys(part).join(" and ")}`]
  if (part.toolUse) return [...nameFaults(part.toolUse.toolUseId), ...nameFaults(part.toolUse.name)]
  if (part.toolResult) {
    const { toolUseId, status = "success" } = part.toolResult
    return [...nameFaults(toolUseId), ...(["success", "error"].includes(status) ? [] : [`status ${status}`])]
  }
  if (part.document && !/^(?!.* {2})[a-zA-Z0-9 ()[\]-]{1,200}$/.test(part.document.name))
    return [`document name ${part.document.name}`]
  if (part.reasoningContent && Object.keys(part.reasoningContent).length !== 1) return ["reasoning of two kinds"]
  return []
}

function countFaults(content: Part[]): string[] {
  const all = content.flatMap((part) => part.toolResult?.content ?? [part])
  const images = all.filter((part) => part.image).length
  const documents = all.filter((part) => part.document).length
  const bare = content.some((part) => part.document) && !content.some((part) => part.text)
  return [
    ...(images > 20 ? [`${images} images in one message`] : []),
    ...(documents > 5 ? [`${documents} documents in one message`] : []),
    ...(bare ? ["a document without a text beside it"] : []),
  ]
}

/** The same request as Anthropic has it: what is asserted of one holds for the other. */
export function toBody(given: Converse, model: string): Body {
  const tools = given.toolConfig?.tools
  const thinking = given.additionalModelRequestFields?.thinking
  return {
    model,
    max_tokens: given.inferenceConfig?.maxTokens ?? 0,
    stream: true,
    ...(given.system && { system: withPoints(given.system, toBlock) }),
    ...(tools && { tools: withPoints(tools, toTool) }),
    ...(thinking && { thinking }),
    messages: given.messages.map(({ role, content }): Message => ({ role, content: withPoints(content, toBlock) })),
  }
}

function withPoints<Given extends { cachePoint?: CachePoint }, Made extends object>(
  list: Given[],
  convert: (item: Given) => Made,
) {
  return list.flatMap((item, index) => {
    if (item.cachePoint) return []
    const point = list[index + 1]?.cachePoint
    return [{ ...convert(item), ...(point && { cache_control: { type: "ephemeral" } }) }]
  })
}

const toTool = ({ toolSpec }: Tool) => ({
  name: toolSpec?.name ?? "",
  description: toolSpec?.description ?? "",
  input_schema: toolSpec?.inputSchema.json ?? {},
})

function toBlock({ text, image, document, toolUse, toolResult, reasoningContent }: Part): Block {
  if (text !== undefined) return { type: "text", text }
  if (image) return { type: "image", source: source(`image/${image.format}`, image.source.bytes) }
  if (document) return { type: "document", source: source(`application/${document.format}`, document.source.bytes) }
  if (toolUse) return { type: "tool_use", id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input }
  if (toolResult) {
    const { toolUseId, content, status } = toolResult
    const error = status === "error" ? { is_error: true } : {}
    return { type: "tool_result", tool_use_id: toolUseId, content: content.map(toBlock), ...error }
  }
  if (reasoningContent?.reasoningText) {
    const { text, signature } = reasoningContent.reasoningText
    return { type: "thinking", thinking: text, signature }
  }
  if (reasoningContent?.redactedContent) return { type: "redacted_thinking", data: reasoningContent.redactedContent }
  return { type: "nothing" }
}

const source = (media_type: string, data: string) => ({ type: "base64", media_type, data })
