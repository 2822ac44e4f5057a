export * as History from "./history.ts"
import type { Ref as File } from "../file/schema.ts"
import type { Block, Content, Read } from "./schema.ts"

/** What the model is sent, free of any provider's wire form. Roles alternate and the first is `user`. */
export type Part =
  | { type: "text"; text: string }
  | { type: "image"; file: File }
  | { type: "file"; file: File }
  | { type: "result"; callID: string; content: Content[]; error: boolean }
export type Message = { role: "user"; content: Part[] } | { role: "assistant"; model: string; content: Block[] }

/** The history that a log stands for: valid by construction, whatever the log holds. */
export declare function fold(events: readonly Read[]): Message[]
