import type { Content } from "@remote-swe/core/log/schema"

/** Characters of text that one call's result may put into the history. */
export const textLimit = 30_000
export const attachmentLimit = 10
const headShare = 0.6
const shortest = 500

/** Keeps a whole output for the model to look at, and says where; undefined where that failed. */
export type Spill = (text: string) => Promise<string | undefined>

/** The one place where results are bounded: head and tail of long texts, printable, and not too many files. */
export async function bound(content: readonly Content[], spill: Spill): Promise<Content[]> {
  const result: Content[] = []
  let left = textLimit
  let attachments = 0
  for (const part of content) {
    if (part.type !== "text") {
      if (++attachments <= attachmentLimit) result.push(part)
      continue
    }
    const text = await shorten(part.text, Math.max(shortest, left), spill)
    left -= text.length
    if (text.trim() !== "") result.push({ type: "text", text })
  }
  const omitted = attachments - attachmentLimit
  if (omitted > 0) result.push({ type: "text", text: `[${omitted} more files left out]` })
  return result.length > 0 ? result : [{ type: "text", text: "(no output)" }]
}

async function shorten(text: string, limit: number, spill: Spill) {
  if (text.length <= limit) return printable(text)
  const whole = await spill(text)
  const head = text.slice(0, Math.floor(limit * headShare))
  const tail = text.slice(text.length - Math.floor(limit * (1 - headShare)))
  const omitted = text.length - head.length - tail.length
  const where = whole ? ` The whole output is in ${whole}` : ""
  return `${printable(head)}\n\n[${omitted} characters left out here.${where}]\n\n${printable(tail)}`
}

const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Without colours and control characters, and with valid Unicode: what bytes were not text shows as �. */
export const printable = (text: string) =>
  text.replace(escapes, "").replace(/\r\n?/g, "\n").replace(controls, "\ufffd").toWellFormed()
