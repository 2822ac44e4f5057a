import type { Ref as File } from "@remote-swe/core/file/schema"
import type { History } from "@remote-swe/core/log/history"
import type { Block } from "@remote-swe/core/log/schema"
import type { Tokens } from "@remote-swe/core/usage/schema"

const charactersPerToken = 3.5
const imageTokens = 1_600
const bytesPerDocumentToken = 20

/** What attachments may weigh in one request: providers take 32 MB with base64 and all. */
export const attachmentBytes = 20_000_000

/** Tokens that messages take, guessed on the high side. */
export function tokens(messages: readonly History.Message[]) {
  return messages.reduce((sum, message) => sum + ofMessage(message), 0)
}

/**
 * Tokens of a request. What the last answer was really charged is known; only what came after it is
 * guessed, so that a result which nobody has counted yet counts.
 */
export function request(messages: readonly History.Message[], fixed: number, last: Tokens | undefined) {
  if (!last) return fixed + tokens(messages)
  const answer = messages.findLastIndex((message) => message.role === "assistant")
  const charged = last.input + last.cacheRead + last.cacheWrite + last.output
  return charged + tokens(messages.slice(answer + 1))
}

export const ofText = (text: string) => Math.ceil(text.length / charactersPerToken)

/** Bytes of images and documents. */
export function bytes(messages: readonly History.Message[]) {
  return messages.flatMap(files).reduce((sum, file) => sum + file.size, 0)
}

function ofMessage(message: History.Message): number {
  const attached = files(message).reduce((sum, file) => sum + ofFile(file), 0)
  if (message.role === "assistant") return message.content.reduce((sum, block) => sum + ofBlock(block), attached)
  const texts = message.content.flatMap((part) => (part.type === "result" ? part.content : [part]))
  return texts.reduce((sum, part) => sum + (part.type === "text" ? ofText(part.text) : 0), attached)
}

function ofBlock(block: Block) {
  switch (block.type) {
    case "text":
    case "reasoning":
      return ofText(block.text)
    case "redacted":
      return ofText(block.data)
    case "call":
      return ofText(block.name + JSON.stringify(block.input))
  }
}

function files(message: History.Message): File[] {
  if (message.role === "assistant") return []
  const parts = message.content.flatMap((part) => (part.type === "result" ? part.content : [part]))
  return parts.flatMap((part) => (part.type === "text" ? [] : [part.file]))
}

const ofFile = (file: File) =>
  file.type === "application/pdf" ? Math.min(200_000, Math.ceil(file.size / bytesPerDocumentToken)) : imageTokens
