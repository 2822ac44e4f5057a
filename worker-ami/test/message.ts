import type { Read } from "../../packages/core/src/log/schema.ts"

/** What the program that plays the world around a machine is told, and tells. */

/** A message, and the calls that the model makes for it, one in each answer. */
export interface Task {
  message: string
  calls: { id: string; name: string; input: Record<string, unknown> }[]
  /** Somebody stops the turn when the last call has been made. */
  stop?: boolean
}

export interface Order {
  tasks: readonly Task[]
}

export interface Report {
  events: Read[]
  /** What was wrong with requests to the model. */
  faults: string[]
  /** Names of secrets that were seen where nobody may see them. */
  leaks: string[]
  logs: { target: string; body: unknown }[]
  pulls: { title?: string; head?: string }[]
  refs: string[]
}

export type Said =
  | { type: "ready" }
  /** A machine was asked for; `logs` is where its log goes. */
  | { type: "boot"; logs: string }
  | { type: "event"; event: Read }
  | { type: "report"; report: Report }
  | { type: "failed"; why: string }
