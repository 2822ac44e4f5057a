import type { Command, Entry, Job, Program, Stat } from "./sandbox.ts"

/** What the worker and the host process say to each other: one JSON object a line. */

export interface Settings {
  root: string
  home: string
  tmp: string
  /** Where the whole output of commands goes. */
  output: string
  /** Folders that file operations may write to; real paths. */
  writable: string[]
  /** Paths that file operations must not read, unless they are writable. */
  denied: string[]
  mark: Mark
  shell: string
  /**
   * The git gateway's port on the worker's loopback, where commands have a loopback of their own:
   * the host listens on the same port there and passes connections on through the sandbox's proxy.
   */
  forward?: number
  /** The same of the proxy that commands reach a list of hosts through. */
  forwardProxy?: number
}

/** The command's own address of that proxy: for its environment, in place of any other. */
interface Proxied {
  proxy?: string
}

/** How processes of one sandbox are told from all others, whoever their parent has become. */
export interface Mark {
  /** The value of `REMOTE_SWE_SANDBOX` in their environment. */
  name: string
  /** Their limit on message queues, in bytes: see `host/process.ts`. */
  queue: number
}

export type Ask =
  | ({ type: "hello" } & Settings)
  | ({ type: "exec" } & Omit<Command, "onOutput" | "callID"> & Proxied)
  | ({ type: "run"; input?: string } & Omit<Program, "input" | "callID"> & Proxied)
  | ({ type: "start" } & Pick<Command, "script" | "cwd"> & Proxied)
  | { type: "jobs" }
  | { type: "output" | "stopJob"; jobID: string }
  | { type: "stop"; target: number }
  | { type: "ping" | "vitals" }
  | { type: "read"; path: string; offset: number; length: number }
  | { type: "write"; path: string; offset: number; bytes: string }
  | { type: "stat"; path: string }
  | { type: "inspect"; folder: string; paths: readonly string[] }

export type Request = Ask & { id: number }

export type Problem = { kind: "input" | "missing" | "forbidden" | "large" | "limit" | "bug"; message: string }

export type Answer = { id: number; value: unknown } | { id: number; problem: Problem }
/** A preview of what command `output` prints. */
export type Note = { output: number; text: string }

/** What `run` answers; `stdout` is base64. */
export interface RunValue {
  code: number | null
  stdout: string
  stderr: string
  truncated: boolean
}
/** What `read` answers; `bytes` is base64. */
export interface ReadValue {
  bytes: string
  size: number
}
export type JobValue = { job: Job; text: string }
export type StatValue = Stat
export type InspectValue = Entry[]

/** Stands in the folder of every session: what lies below is under the control of a model. */
export const marker = ".remote-swe-session"

/** Ends a program that no time limit was given for. */
export const programMs = 10 * 60_000
/** Bytes of a file that travel in one message. */
export const chunkBytes = 1024 * 1024
/** Characters of a command's output that are kept inline, from its beginning and from its end. */
export const headLimit = 9_000
export const tailLimit = 18_000
/** Bytes of a command's output that are kept in its file; the rest is dropped. */
export const wholeLimit = 256 * 1024 * 1024
/** Running background jobs. */
export const jobLimit = 20
/** What a process gets between SIGTERM and SIGKILL. */
export const graceMs = 400
