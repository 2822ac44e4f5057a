import * as v from "valibot"
import { Identifier } from "../identifier.ts"

/** What a worker saves of its workspace: the only files that go before their session does. */
export const savedType = "application/vnd.remote-swe.workspace"

export const limits = { bytes: 100 * 1024 * 1024, perMessage: 10 } as const

export const Name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(255),
  v.regex(/^[^/\\\0-\x1f]+$/, "A file name must not hold slashes or control characters"),
)
export const MediaType = v.pipe(
  v.string(),
  v.maxLength(100),
  v.regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/i, "Must be a media type such as image/png"),
)

/** A file in the bucket, as messages, results and artifacts refer to it. */
export const Ref = v.strictObject({
  id: Identifier.schema("file"),
  name: Name,
  type: MediaType,
  size: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.bytes)),
})
export type Ref = v.InferOutput<typeof Ref>

/** What is asked before an upload. */
export const Create = v.strictObject({
  name: Name,
  type: MediaType,
  size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.bytes)),
})

/** Where the bytes go: a `PUT` of exactly `file.size` bytes with these headers, until `expiresAt`. */
export const Upload = v.strictObject({
  file: Ref,
  upload: v.strictObject({ url: v.string(), headers: v.record(v.string(), v.string()), expiresAt: v.number() }),
})
export type Upload = v.InferOutput<typeof Upload>

/** Where the bytes are, until `expiresAt`. Served as an attachment, with a type that runs no script. */
export const Download = v.strictObject({ file: Ref, url: v.string(), expiresAt: v.number() })
export type Download = v.InferOutput<typeof Download>
