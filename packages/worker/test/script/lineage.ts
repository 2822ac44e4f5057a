import { createHash } from "node:crypto"
import type { Body } from "./wire.ts"

/**
 * Holds that the provider's cache is never thrown away: what a session sent with its last request stands,
 * byte for byte, at the beginning of its next one. A summary begins a new line.
 */
export function create() {
  /** By the beginning of a conversation, then by model: the digest of each block of its last request. */
  const lines = new Map<string, Map<string, string[]>>()
  let summaries = 0

  return function check(body: Body): string[] {
    if (!body.tools) {
      summaries++
      return []
    }
    const blocks = body.messages.flatMap(({ role, content }) => content.map((block) => digest({ role, block })))
    const key = `${digest([body.system, body.tools])} ${blocks[0]}`
    const line = lines.get(key)
    lines.set(key, new Map(line).set(body.model, blocks))
    if (line) {
      const before = line.get(body.model) ?? []
      const same = before.every((block, index) => blocks[index] === block)
      return same ? [] : ["the beginning of the request differs from the last request's"]
    }
    if (!body.messages.some(({ role }) => role === "assistant")) return []
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
