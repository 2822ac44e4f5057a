import { createHash } from "node:crypto"
import type { Body } from "./wire.ts"

interface Line {
  model: string
  /** The digest of each block of the last request. */
  blocks: string[]
}

/**
 * Holds that the provider's cache is never thrown away: what a session sent with its last request stands,
 * byte for byte, at the beginning of its next one. A summary, and another model, begin a new line.
 */
export function create() {
  /** By how conversations begin, which several sessions may have in common. */
  const lines = new Map<string, Line[]>()
  let summaries = 0

  return function check({ model, system, tools, messages }: Body): string[] {
    if (!tools) {
      summaries++
      return []
    }
    const blocks = messages.flatMap(({ role, content }) => content.map((block) => digest({ role, block })))
    const key = `${digest([system, tools])} ${blocks[0]}`
    const known = lines.get(key) ?? []
    const own = known.filter((line) => line.model === model)
    const line = own.findLast((line) => line.blocks.every((block, index) => blocks[index] === block))
    if (line) {
      line.blocks = blocks
      return []
    }
    lines.set(key, [...known, { model, blocks }])
    const begins = !messages.some(({ role }) => role === "assistant")
    if (begins || (known.length > 0 && own.length === 0)) return []
    if (own.length > 0) return ["the beginning of the request differs from the last request's"]
    if (summaries === 0) return ["a conversation goes on that never began"]
    summaries--
    return []
  }
}

/** Without the cache points, which move on. */
const digest = (value: unknown) =>
  createHash("sha256")
    .update(JSON.stringify(value, (key, inner: unknown) => (key === "cache_control" ? undefined : inner)))
    .digest("base64")
