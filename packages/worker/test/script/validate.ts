import type { Block, Body, Message } from "./wire.ts"

/**
 * What the Messages API would refuse, and what it would accept to our cost. Strict where the real one is
 * not sure to be: a request that passes here is valid there. Returns one sentence for each fault.
 */
export function validate(body: Body): string[] {
  const faults: string[] = []
  const fault = (condition: boolean, text: string) => {
    if (condition) faults.push(text)
  }
  const known = ["model", "max_tokens", "stream", "system", "tools", "thinking", "messages"]
  const unknown = Object.keys(body).filter((key) => !known.includes(key))
  fault(unknown.length > 0, `unknown fields: ${unknown.join(", ")}`)
  fault(typeof body.model !== "string" || body.model === "", "no model")
  fault(!Number.isInteger(body.max_tokens) || body.max_tokens < 1, "max_tokens must be a positive integer")
  const budget = body.thinking?.budget_tokens
  fault(body.thinking?.type === "enabled" && !(budget && budget >= 1024), "the thinking budget is below 1024")
  fault(budget !== undefined && budget >= body.max_tokens, "max_tokens must be greater than the thinking budget")
  for (const block of body.system ?? []) fault(isEmpty(block), "empty text block in system")
  faults.push(...toolFaults(body))
  fault(body.messages.length === 0, "no messages")
  fault(body.messages[0]?.role !== "user", "the first message must be the user's")
  fault(body.messages.at(-1)?.role !== "user", "the last message must be the user's")
  body.messages.forEach((message, index) => faults.push(...messageFaults(body.messages, message, index)))
  const ids = body.messages.flatMap(({ content }) => content.filter(isCall).map(({ id }) => id))
  fault(new Set(ids).size !== ids.length, "tool_use ids must be unique")
  faults.push(...thinkingFaults(body))
  const points = JSON.stringify(body).split('"cache_control":{').length - 1
  fault(points > 4, `${points} blocks with cache_control: at most 4`)
  return faults
}

const isCall = (block: Block) => block.type === "tool_use"
const isResult = (block: Block) => block.type === "tool_result"
const isThinking = (block: Block | undefined) => block?.type === "thinking" || block?.type === "redacted_thinking"
const isEmpty = (block: Block) => block.type === "text" && !block.text?.trim()
const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value)

function toolFaults({ tools = [] }: Body): string[] {
  const names = tools.map((tool) => tool.name)
  return [
    ...(new Set(names).size === names.length ? [] : ["tool names must be unique"]),
    ...tools.flatMap(({ name, description, input_schema }) => [
      ...(/^[a-zA-Z0-9_-]{1,128}$/.test(name) ? [] : [`tool name ${name}`]),
      ...(description ? [] : [`tool ${name} has no description`]),
      ...(input_schema?.["type"] === "object" ? [] : [`the input_schema of ${name} is not an object`]),
    ]),
  ]
}

function messageFaults(messages: readonly Message[], message: Message, index: number): string[] {
  const at = `messages.${index}`
  const before = messages[index - 1]
  const faults: string[] = []
  const fault = (condition: boolean, text: string) => {
    if (condition) faults.push(`${at}: ${text}`)
  }
  if (!Array.isArray(message.content) || message.content.length === 0) return [`${at}: no content`]
  fault(message.role !== "user" && message.role !== "assistant", `role ${message.role}`)
  fault(message.role === before?.role, "roles must alternate")
  for (const block of message.content) faults.push(...blockFaults(message, block).map((text) => `${at}: ${text}`))

  const asked = (before?.content ?? []).filter(isCall).map((block) => block.id)
  const answered = message.content.filter(isResult).map((block) => block.tool_use_id)
  if (message.role === "user") {
    for (const id of asked)
      fault(answered.filter((other) => other === id).length !== 1, `not exactly one result of ${id}`)
    for (const id of answered) fault(!asked.includes(id), `a result without its call: ${id}`)
    const firstOther = message.content.findIndex((block) => !isResult(block))
    const lastResult = message.content.findLastIndex(isResult)
    fault(firstOther !== -1 && firstOther < lastResult, "tool_result blocks must come first")
  }
  if (message.role === "assistant") {
    const calls = message.content.some(isCall)
    fault(message.content.every(isThinking), "nothing but thinking")
    fault(calls && message.content.some(isThinking) && !isThinking(message.content[0]), "thinking must come first")
    fault(calls && index === messages.length - 1, "tool_use without tool_result")
  }
  return faults
}

const allowed = {
  user: ["text", "image", "document", "tool_result"],
  assistant: ["text", "thinking", "redacted_thinking", "tool_use"],
}

function blockFaults({ role }: Message, block: Block): string[] {
  const id = /^[a-zA-Z0-9_-]{1,128}$/
  if (!allowed[role]?.includes(block.type)) return [`a block of type ${block.type} from the ${role}`]
  switch (block.type) {
    case "text":
      return isEmpty(block) ? ["empty text block"] : []
    case "thinking":
      return block.signature ? [] : ["thinking without a signature"]
    case "redacted_thinking":
      return block.data ? [] : ["redacted thinking without data"]
    case "tool_use":
      return [
        ...(id.test(block.id ?? "") ? [] : [`tool_use id ${block.id}`]),
        ...(id.test(block.name ?? "") ? [] : [`tool_use name ${block.name}`]),
        ...(isObject(block.input) ? [] : ["tool_use input is not an object"]),
      ]
    case "tool_result":
      if (!block.content?.length) return ["a tool_result without content"]
      return block.content.flatMap((inner) =>
        ["text", "image", "document"].includes(inner.type)
          ? blockFaults({ role: "user", content: [] }, inner)
          : [`a block of type ${inner.type} in a tool_result`],
      )
    default:
      return sourceFaults(block)
  }
}

function sourceFaults({ type, source }: Block): string[] {
  const types = type === "image" ? ["image/png", "image/jpeg", "image/gif", "image/webp"] : ["application/pdf"]
  if (source?.type !== "base64" || !types.includes(source.media_type)) return [`source of ${type}`]
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(source.data)) return [`data of ${type} is not base64`]
  return type === "image" && source.data.length > 5_000_000 ? ["an image of more than 5 MB"] : []
}

/** With a thinking budget, the answer whose calls were just done must begin with its thinking. */
function thinkingFaults({ thinking, messages }: Body): string[] {
  if (thinking?.type !== "enabled" || !messages.at(-1)?.content.some(isResult)) return []
  return isThinking(messages.at(-2)?.content[0]) ? [] : ["the last answer must begin with thinking"]
}
