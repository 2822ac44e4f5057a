import { createHash } from "node:crypto"
import type { Body } from "./wire.ts"

interface Line {
  model: string
  /** Each block of the last request. */
  blocks: Seen[]
}

interface Seen {
  digest: string
  reasoned: boolean
}

/**
 * Holds that the provider's cache is never thrown away: what a session sent with its last request stands,
 * byte for byte, at the beginning of its next one. A summary, and another model, begin a new line. Another
 * worker may forget what was reasoned before it, all of it at once.
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
    const blocks = messages.flatMap(({ role, content }) =>
      content.map((block): Seen => ({ digest: digest({ role, block }), reasoned: block.type.endsWith("thinking") })),
    )
    const key = `${digest([system, tools])} ${blocks[0]?.digest}`
    const known = lines.get(key) ?? []
    const own = known.filter((line) => line.model === model)
    const line = own.findLast((line) => begins(blocks, line.blocks) || begins(blocks, line.blocks.filter(isSaid)))
    if (line) {
      line.blocks = blocks
      return []
    }
    lines.set(key, [...known, { model, blocks }])
    const isNew = !messages.some(({ role }) => role === "assistant")
    if (isNew || (known.length > 0 && own.length === 0)) return []
    if (own.length > 0) return ["the beginning of the request differs from the last request's"]
    if (summaries === 0) return ["a conversation goes on that never began"]
    summaries--
    return []
  }
}

const begins = (blocks: Seen[], before: Seen[]) => before.every(({ digest }, index) => blocks[index]?.digest === digest)

const isSaid = ({ reasoned }: Seen) => !reasoned

/** Without the cache points, which move on. */
const digest = (value: unknown) =>
  createHash("sha256")
    .update(JSON.stringify(value, (key, inner: unknown) => (key === "cache_control" ? undefined : inner)))
    .digest("base64")
