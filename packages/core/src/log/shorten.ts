/** Bodies above this many bytes of JSON go to the bucket; a DynamoDB item may have 400 KB. */
export const inlineLimit = 8 * 1024

/** Steps of shortening: characters kept of each text, and elements kept of each list and object. */
const steps = [
  { text: 2_000, items: 100 },
  { text: 500, items: 40 },
  { text: 120, items: 20 },
  { text: 40, items: 8 },
] as const

/**
 * The JSON of `body` with head and tail of its long texts, at most `inlineLimit` bytes unless its mere
 * shape is larger. Texts stay texts and objects stay objects, so what was valid stays valid.
 */
export function shorten(body: object): string {
  const texts = steps.map((step) => () => JSON.stringify(cut(body, step, 0)))
  for (const make of texts) {
    const text = make()
    if (Buffer.byteLength(text) <= inlineLimit) return text
  }
  return JSON.stringify(cut(body, { text: 40, items: 2 }, 0))
}

function cut(value: unknown, step: { text: number; items: number }, depth: number): unknown {
  if (typeof value === "string") return cutText(value, step.text)
  if (Array.isArray(value)) return value.slice(0, step.items).map((item) => cut(item, step, depth + 1))
  if (value === null || typeof value !== "object") return value
  const entries = Object.entries(value)
  // The event itself and its content blocks keep all their fields: the schema asks for them.
  const kept = depth < 4 ? entries : entries.slice(0, step.items)
  return Object.fromEntries(kept.map(([key, item]) => [key, cut(item, step, depth + 1)]))
}

function cutText(text: string, limit: number) {
  if (text.length <= limit) return text
  const tail = Math.floor(limit / 4)
  const head = limit - tail
  return `${text.slice(0, head).toWellFormed()}\n… ${text.length - limit} characters …\n${text.slice(-tail).toWellFormed()}`
}
