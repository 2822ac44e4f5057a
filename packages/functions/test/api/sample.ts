import fc from "fast-check"
import type { Schema } from "./operation.ts"

/** Requests that a schema allows, and ones with a single thing wrong: they get further than noise does. */

export const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "\ud800",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    "-1",
    "1e309",
    "NaN",
    "${x}",
  ),
)

export const wild = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  text,
  fc.double(),
  fc.constantFrom(1e300, -1e-300, 2 ** 53, -1, 0.5, null, [], {}),
)

export interface Known {
  /** The schemas that others refer to. */
  named: Record<string, Schema>
  /** Texts that mean something here, such as ids of what exists. */
  words: readonly string[]
}

/** Values that `schema` allows. */
export function valid(schema: Schema, known: Known, depth = 0): fc.Arbitrary<unknown> {
  if (depth > 8) return fc.constant(null)
  const inner = (child: Schema) => valid(child, known, depth + 1)
  const reference = known.named[schema.$ref?.split("/").at(-1) ?? ""]
  if (reference) return inner(reference)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(inner))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case "array":
      return fc.array(inner(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 3 })
    case "integer":
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 60, 60) })
    case "number":
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1_000, 1_000) }),
        fc.double({ min: schema.minimum ?? -1e3, max: schema.maximum ?? 1e3, noNaN: true }),
      )
    case "boolean":
      return fc.boolean()
    case "string":
      return string(schema, known)
    default:
      return schema.properties
        ? object(schema, inner)
        : fc.dictionary(fc.string({ maxLength: 8 }), wild, { maxKeys: 3 })
  }
}

function string({ pattern, minLength = 0, maxLength = Infinity }: Schema, { words }: Known) {
  const form = new RegExp(pattern ?? "")
  const fits = (word: string) => form.test(word) && word.length >= minLength && word.length <= maxLength
  const fitting = words.filter(fits)
  if (pattern) return fc.constantFrom(...(fitting.length > 0 ? fitting : words))
  return fc.oneof(fc.constantFrom(...fitting), text.filter(fits))
}

function object({ properties = {}, required = [] }: Schema, inner: (child: Schema) => fc.Arbitrary<unknown>) {
  const fields = Object.entries(properties).map(([name, child]) => [name, inner(child)] as const)
  return fc.record(Object.fromEntries(fields), { requiredKeys: required })
}

/** `value` with one thing in it changed, taken away or added. */
export function spoil(value: unknown, at: readonly number[], by: unknown): unknown {
  const [here = 0, ...deeper] = at
  if (typeof value !== "object" || value === null || here % 7 === 6) return by
  if (Array.isArray(value))
    return value.map((item, index) => (index === here % value.length ? spoil(item, deeper, by) : item))
  const names = Object.keys(value)
  const name = names[here % Math.max(1, names.length)]
  if (name === undefined || here % 5 === 4) return { ...value, extra: by }
  const { [name]: child, ...rest }: Record<string, unknown> = { ...value }
  return here % 5 === 3 ? rest : { ...value, [name]: spoil(child, deeper, by) }
}
