import * as v from "valibot"

/** Wraps `cb` so that its input is parsed first. The schema stays reachable as `.schema`. */
export function fn<Schema extends v.GenericSchema, Result>(
  schema: Schema,
  cb: (input: v.InferOutput<Schema>) => Result,
) {
  return Object.assign((input: v.InferInput<Schema>) => cb(v.parse(schema, input)), { schema })
}
