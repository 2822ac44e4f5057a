/** An item as DynamoDB's protocol writes it, and how large DynamoDB finds it. */

export interface Value {
  S?: string
  N?: string
  B?: string
  BOOL?: boolean
  NULL?: boolean
  SS?: string[]
  NS?: string[]
  L?: Value[]
  M?: Item
}
export type Item = Record<string, Value>

/** Bytes: names and values, in UTF-8. */
export function size(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0)
}

function sizeOf(value: Value): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return sizeOfNumber(value.N)
  if (value.B !== undefined) return Buffer.byteLength(value.B, "base64")
  if (value.SS) return value.SS.reduce((sum, item) => sum + Buffer.byteLength(item), 0)
  if (value.NS) return value.NS.reduce((sum, item) => sum + sizeOfNumber(item), 0)
  // A list or map takes 3 bytes, and 1 for each of its elements.
  if (value.L) return value.L.reduce((sum, item) => sum + 1 + sizeOf(item), 3)
  if (value.M) return 3 + Object.keys(value.M).length + size(value.M)
  return 1
}

/** About a byte for two significant digits, and one more; one for a minus. */
function sizeOfNumber(text: string) {
  const [mantissa = ""] = text.toLowerCase().split("e")
  const digits = mantissa.replace(/[-+.]/g, "").replace(/^0+|0+$/g, "")
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0)
}
