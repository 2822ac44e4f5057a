import { createHash } from "node:crypto"
import type { Ref as File } from "@remote-swe/core/file/schema"
import type { History } from "@remote-swe/core/log/history"
import type { Block, Content } from "@remote-swe/core/log/schema"
import type { Request } from "./model.ts"

/** What a conversation is before it takes a provider's form: files are loaded, and names are ones that it takes. */
export type Turn = { role: "assistant"; content: Block[] } | { role: "user"; content: (Result | Piece)[] }
export type Result = { type: "result"; callID: string; content: Piece[]; error: boolean }
export type Piece =
  | { type: "text"; text: string }
  | { type: "image"; format: ImageFormat; bytes: Uint8Array }
  | { type: "document"; bytes: Uint8Array }

export const imageFormats = ["png", "jpeg", "gif", "webp"] as const
export type ImageFormat = (typeof imageFormats)[number]

export interface Files {
  /** Reads a file of the session; undefined when it is gone. */
  load(file: File): Promise<Uint8Array | undefined>
  /** Where commands find a file that a person attached. */
  path(file: File): string
}

/** What a provider takes at most. */
export interface Limits {
  imageBytes: number
  documentBytes: number
  /** In one message. */
  images: number
  documents: number
  /** Characters of an id or a tool's name. */
  name: number
}

/** How a model gets to see the files of one message. */
interface Eyes {
  files: Files
  limits: Limits
  images: boolean
  left: { images: number; documents: number }
}

const none = [{ type: "text" as const, text: "(no output)" }]

/** Longest answer that is asked for, and what is left of small contexts for it. */
export const answerLimit = ({ maxOutput, context }: Request["model"]) =>
  Math.min(maxOutput, 32_000, Math.max(1_024, Math.floor(context / 5)))

/** Roles alternate: neighbours of one role become one message, and what has no content is left out. */
export async function turns(request: Request, files: Files, limits: Limits): Promise<Turn[]> {
  const { images } = request.model
  const fit = (name: string) => fitting(name, limits.name)
  return Promise.all(
    joined(request).map(async (message): Promise<Turn> => {
      if (message.role === "assistant") return { role: "assistant", content: message.content.map(spoken(fit)) }
      const left = { images: limits.images, documents: limits.documents }
      return { role: "user", content: await heard(message.content, { files, limits, images, left }, fit) }
    }),
  )
}

/**
 * Ids and names of other providers, or of a confused model, may hold what this one refuses. Of those that
 * are too long, a digest keeps apart what begins alike.
 */
export function fitting(name: string, longest: number) {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, "_") || "_"
  if (plain.length <= longest) return plain
  return `${plain.slice(0, longest - 9)}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`
}

/**
 * The tokens to think with where a number of them is asked for; 0 for none. A turn that uses tools must
 * begin with the model's reasoning where reasoning is on. It doesn't where another model began it, or this
 * one with reasoning off; then it goes on without.
 */
export function budget({ model, reasoning }: Request, turns: readonly Turn[], limit: number) {
  if (!model.reasoning || reasoning === 0 || model.thinking === "adaptive") return 0
  const goesOn = turns.at(-1)?.content.some((part) => part.type === "result")
  const begun = turns.findLast((turn) => turn.role === "assistant")
  if (goesOn && !isReasoning(begun?.content[0])) return 0
  const tokens = Math.min(reasoning, limit - 512)
  return tokens < 1_024 ? 0 : tokens
}

/** Such a model decides by itself how much it thinks. */
export const isAdaptive = ({ model, reasoning }: Request) =>
  model.reasoning && reasoning > 0 && model.thinking === "adaptive"

/** Where the cache begins and ends: it is looked for near the end of the last request, and of this one. */
export const cachePoints = (turns: readonly Turn[]) =>
  turns.flatMap((turn, index) => (turn.role === "user" ? [index] : [])).slice(-2)

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

const isReasoning = (part: { type: string } | undefined) => part?.type === "reasoning" || part?.type === "redacted"

const spoken = (fit: (name: string) => string) => (block: Block) => {
  if (block.type === "text") return { ...block, text: block.text.toWellFormed() }
  return block.type === "call" ? { ...block, id: fit(block.id), name: fit(block.name) } : block
}

/** Results stand first. Files are loaded one after the other, so that the same ones are left out each time. */
async function heard(parts: readonly History.Part[], eyes: Eyes, fit: (name: string) => string) {
  const results: Result[] = []
  const others: Piece[] = []
  for (const part of parts) {
    if (part.type === "text") others.push(...(await see(part, eyes)))
    else if (part.type !== "result") others.push(...(await see(part, eyes)), saved(part.file, eyes))
    else {
      const content: Piece[] = []
      for (const item of part.content) content.push(...(await see(item, eyes)))
      const { callID, error } = part
      results.push({ type: "result", callID: fit(callID), content: content.length > 0 ? content : none, error })
    }
  }
  return [...results, ...others]
}

async function see(part: Content, eyes: Eyes): Promise<Piece[]> {
  if (part.type === "text") return [{ type: "text", text: part.text.trim() ? part.text.toWellFormed() : "(empty)" }]
  const { file } = part
  const format = imageFormats.find((format) => file.type === `image/${format}`)
  if (!format && file.type !== "application/pdf") return [described(file, "")]
  if (format && !eyes.images) return [described(file, " This model cannot see images.")]
  const { imageBytes, documentBytes } = eyes.limits
  if (file.size > (format ? imageBytes : documentBytes)) return [described(file, " It is too large to be shown here.")]
  const kind = format ? "images" : "documents"
  if (eyes.left[kind] === 0) return [described(file, " There are too many here to show them all.")]
  const bytes = await eyes.files.load(file)
  if (!bytes) return [described(file, " It is gone.")]
  eyes.left[kind]--
  return [format ? { type: "image", format, bytes } : { type: "document", bytes }]
}

const saved = (file: File, { files }: Eyes): Piece => ({
  type: "text",
  text: `[${file.name} is saved at ${files.path(file)}]`,
})

const described = (file: File, more: string): Piece => ({
  type: "text",
  text: `[File ${file.name} (${file.type}, ${file.size} bytes).${more}]`,
})
