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
  exec(command: Command, signal: AbortSignal): Promise<Exit>
  /** Starts a command and does not wait for it. */
  start(command: Command): Promise<Job>
  jobs(): Promise<Job[]>
  /** New output of a job since the last look. */
  output(jobID: string): Promise<{ job: Job; text: string }>
  stopJob(jobID: string): Promise<Job>
  readFile(path: string): Promise<Uint8Array>
  writeFile(path: string, bytes: Uint8Array): Promise<void>
  /** Kills everything that runs in it, children of children included. */
  close(): Promise<void>
}

export interface Command {
  /** Given to `bash -c`: the model's own words, never text that we put together. */
  script: string
  cwd?: string
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
}
