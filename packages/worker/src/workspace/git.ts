export * as Git from "./git.ts"
import { VisibleError } from "@remote-swe/core/error"
import type { Sandbox } from "../sandbox/sandbox.ts"

/**
 * Git inside the sandbox. A repository there is the model's: its configuration, attributes and hooks
 * can name programs, and whatever they run, they run where the model's own commands do.
 */
export interface Options {
  env?: Record<string, string>
  input?: string | Uint8Array
  signal?: AbortSignal | undefined
  /** Exit codes that are answers rather than failures. */
  codes?: readonly number[]
  /** Bytes to read. Without it, more than git may print here is a failure, and not cut off. */
  limit?: number
  timeoutMs?: number
}

export interface Result {
  code: number
  stdout: Buffer
  text: string
  truncated: boolean
}

export type Run = (args: readonly string[], options?: Options) => Promise<Result>

const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.quotePath=false",
  "protocol.ext.allow=never",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.addEmbeddedRepo=false",
  "commit.gpgSign=false",
  "color.ui=false",
].flatMap((setting) => ["-c", setting])

export const defaultLimit = 64 * 1024 * 1024
const defaultTimeoutMs = 5 * 60_000

/** Runs git in `cwd`; throws `VisibleError` with git's own words when it fails. */
export function at(sandbox: Sandbox, cwd: string, env: Record<string, string> = {}): Run {
  return async (args, options = {}) => {
    const input = options.input === undefined ? {} : { input: Buffer.from(options.input) }
    const outcome = await sandbox.run(
      {
        args: ["git", ...settings, ...args],
        cwd,
        env: { GIT_OPTIONAL_LOCKS: "0", ...env, ...options.env },
        limit: options.limit ?? defaultLimit,
        timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
        ...input,
      },
      options.signal,
    )
    options.signal?.throwIfAborted()
    const stdout = Buffer.from(outcome.stdout)
    const code = outcome.code ?? (outcome.truncated ? 0 : -1)
    if (![0, ...(options.codes ?? [])].includes(code)) throw failure(args, code, outcome.stderr)
    if (outcome.truncated && options.limit === undefined) throw tooMuch(args)
    return { code, stdout, text: stdout.toString("utf8").trimEnd(), truncated: outcome.truncated }
  }
}

export const split = (stdout: Buffer) => stdout.toString("utf8").split("\0").slice(0, -1)

/** The same for names that need not be UTF-8: bytes, one for each character. */
export const names = (stdout: Buffer) => stdout.toString("latin1").split("\0").slice(0, -1)
export const input = (names: readonly string[]) => Buffer.from(names.map((name) => `${name}\0`).join(""), "latin1")
export const bytes = (text: string) => Buffer.from(text).toString("latin1")
export const text = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8")

const verbOf = (args: readonly string[]) => args.find((arg) => /^[a-z-]+$/.test(arg) && !arg.startsWith("-"))

const tooMuch = (args: readonly string[]) =>
  new VisibleError("large", "git.large", `git ${verbOf(args)} says more than can be read: there are too many files.`)

function failure(args: readonly string[], code: number, stderr: string) {
  const verb = verbOf(args)
  const said = plain(stderr).trim() || (code === -1 ? "it took too long, or was killed" : `it ended with ${code}`)
  return new VisibleError("conflict", "git.failed", `git ${verb}: ${said.slice(-2_000)}`)
}

/** The gateway's address says nothing to a reader and holds a secret of this session. */
const plain = (text: string) => text.replace(/http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//g, "")
