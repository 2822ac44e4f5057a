import type { Problem } from "../protocol.ts"

/** What the other side turns into a `VisibleError`; the host has no imports but `node:`. */
export class HostError extends Error {
  readonly problem: Problem

  constructor(kind: Problem["kind"], message: string) {
    super(message)
    this.problem = { kind, message }
  }
}

const words: Record<string, [Problem["kind"], string]> = {
  ENOENT: ["missing", "There is no such file or folder"],
  ENOTDIR: ["input", "Part of the path is not a folder"],
  EISDIR: ["input", "It is a folder"],
  EACCES: ["forbidden", "Not permitted"],
  EPERM: ["forbidden", "Not permitted"],
  EROFS: ["forbidden", "Only the session's own folders can be written to"],
  ENOSPC: ["limit", "The disk is full"],
  EDQUOT: ["limit", "The disk is full"],
  EAGAIN: ["limit", "There are too many processes: no other can be started"],
  ENOMEM: ["limit", "There is not enough memory"],
  ENAMETOOLONG: ["input", "The path is too long"],
  ELOOP: ["input", "The path has a loop of symbolic links"],
}

export function toProblem(error: unknown): Problem {
  if (error instanceof HostError) return error.problem
  const { code = "", path } = error as NodeJS.ErrnoException
  const [kind, text] = words[code] ?? []
  if (kind && text) return { kind, message: path ? `${text}: ${path}` : text }
  return { kind: "bug", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
