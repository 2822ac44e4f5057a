export * as Tool from "./tool.ts"
import type { Ref as File } from "@remote-swe/core/file/schema"
import type { Body, Content } from "@remote-swe/core/log/schema"
import type * as v from "valibot"
import type { Sandbox } from "../sandbox/sandbox.ts"
import type { Workspace } from "../workspace/workspace.ts"

type WithoutID<T> = T extends unknown ? Omit<T, "id"> : never
/** An event without its id: the runner gives it one. */
export type Draft = WithoutID<Body>

/** What a call may use. */
export interface Context {
  callID: string
  signal: AbortSignal
  sandbox: Sandbox
  workspace: Workspace
  /** A live preview of what is going on, such as a command's output. */
  progress(text: string): void
  /** Adds an event to the session's log at once, before the result. */
  append(draft: Draft): Promise<void>
  /** The session's files in the bucket. */
  files: {
    put(name: string, type: string, bytes: Uint8Array): Promise<File>
    get(file: File): Promise<Uint8Array>
  }
}

export interface Output {
  content: Content[]
  error?: boolean
  view?: Record<string, unknown>
  /** Are added to the session's log together with the result. */
  events?: Draft[]
  /** A person has to answer first: the turn ends here. */
  wait?: boolean
}

/** A tool is a value. `execute` throws `VisibleError` for what the model can mend. */
export interface Info<Schema extends v.GenericSchema = v.GenericSchema> {
  name: string
  description: string
  input: Schema
  /** It changes nothing, so it may run beside other calls of the same answer. */
  parallel: boolean
  execute(input: v.InferOutput<Schema>, context: Context): Promise<string | Output>
}

/** Keeps the type of `input` for `execute`. */
export function define<Schema extends v.GenericSchema>(tool: Info<Schema>): Info<Schema> {
  return tool
}
