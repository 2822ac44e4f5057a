import type { Vitals } from "./strain.ts"

/**
 * The one interface through which everything that the model runs goes. Behind it is one long-lived
 * host process per session, sandboxed where that is possible; commands and file operations happen
 * in that process's world, so a server started by one command is reachable by the next.
 */
export interface Sandbox {
  readonly kind: "full" | "none"
  /** Why it is not `full`, in words for the owner. */
  readonly warning: string | undefined
  /** The folder that relative paths start from. Repositories are cloned below it. */
  readonly root: string
  /** The session's own home folder, for git's configuration and the caches of tools. */
  readonly home: string
  /** For files that nobody keeps. */
  readonly tmp: string
  exec(command: Command, signal: AbortSignal): Promise<Exit>
  /** Starts a command and does not wait for it. */
  start(command: Pick<Command, "script" | "cwd" | "callID">): Promise<Job>
  jobs(): Promise<Job[]>
  /** New output of a job since the last look. */
  output(jobID: string): Promise<{ job: Job; text: string }>
  stopJob(jobID: string): Promise<Job>
  /** Runs a program of ours with exact arguments; no shell is involved. */
  run(program: Program, signal?: AbortSignal): Promise<Outcome>
  /** Throws `VisibleError` where there is no such file, or more than `limit` bytes (default: `fileLimit`). */
  readFile(path: string, limit?: number): Promise<Uint8Array>
  /** Makes missing folders; keeps the mode of a file that exists. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>
  stat(path: string): Promise<Stat>
  /**
   * What stands at each of `paths` below a folder of the session, symbolic links not followed. A path is
   * bytes, one for each character: names need not be UTF-8.
   */
  inspect(folder: string, paths: readonly string[]): Promise<Entry[]>
  /** How commands stand with what the machine gives them; undefined where they have no limits of their own. */
  vitals(): Promise<Vitals | undefined>
  /** Kills everything that runs in it, without asking; the next call starts anew. */
  reset(): Promise<void>
  /** Kills everything that runs in it, children of children included. */
  close(): Promise<void>
}

/** Bytes of the largest file that is read or written through a sandbox. */
export const fileLimit = 100 * 1024 * 1024

export interface Command {
  /** Given to `bash -c`: the model's own words, never text that we put together. */
  script: string
  cwd?: string
  /** The call that it belongs to. */
  callID?: string
  /** Ends the command however busy it is. */
  timeoutMs: number
  /** Ends the command when it has printed nothing for so long. */
  silenceMs: number
  onOutput?(text: string): void
}

export interface Exit {
  code: number | null
  reason: "exited" | "timeout" | "silence" | "stopped" | "signal"
  /** Head and tail; `whole` is the path of the file that has everything. */
  text: string
  whole: string | undefined
  durationMs: number
}

export interface Job {
  id: string
  script: string
  state: "running" | "exited" | "stopped"
  code: number | null
  startedAt: number
  endedAt?: number
  /** The file that has everything it printed. */
  whole?: string
}

export interface Program {
  args: [string, ...string[]]
  cwd?: string
  /** The call that it belongs to. */
  callID?: string
  /** Added to the environment of commands. */
  env?: Record<string, string>
  input?: Uint8Array
  /** Bytes of standard output to keep; the program is ended when it prints more. */
  limit?: number
  /** Default: `programMs`. */
  timeoutMs?: number
}

export interface Outcome {
  /** null where a signal, the limit or the time ended it. */
  code: number | null
  stdout: Uint8Array
  /** The last few thousand characters. */
  stderr: string
  truncated: boolean
}

export interface Entry {
  type: "file" | "directory" | "link" | "other" | "missing"
  size: number
  /** Permission bits. */
  mode: number
  /** When anything of it changed last, in milliseconds and parts of them. */
  changed: number
}

export interface Stat {
  type: "file" | "directory" | "other" | "missing"
  size: number
}
