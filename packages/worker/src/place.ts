import { VisibleError } from "@remote-swe/core/error"
import { filesOf } from "@remote-swe/core/log/schema"
import { Logger } from "@remote-swe/core/logger"
import { type Clone, type Knowledge, knowledgeFiles, knowledgeLimit } from "./agent/prompt.ts"
import type { Journal } from "./journal.ts"
import * as Link from "./link.ts"
import type { Sandbox } from "./sandbox/sandbox.ts"
import type { Tool } from "./tool/tool.ts"
import { Chain } from "./workspace/chain.ts"
import * as Words from "./workspace/words.ts"
import type { Problem, Repository, Saved, SaveOptions, Workspace } from "./workspace/workspace.ts"

type Notice = Omit<Extract<Tool.Draft, { kind: "notice" }>, "kind">

const notice = (draft: Notice): Tool.Draft => ({ kind: "notice", ...draft })

/**
 * Makes the workspace what the session left it as: from its last snapshot, or with a fresh clone of its
 * repository. Throws where saved work cannot be brought back, because going on would lose it.
 */
export async function prepare(journal: Journal, workspace: Workspace, signal: AbortSignal) {
  const { snapshot } = journal.facts
  if (snapshot) await workspace.restore(snapshot, signal)
  const source = journal.info.repository
  if (!source) return
  const known = workspace.repositories.find((item) => item.source === source)
  if (known) return describe(known)
  const cloned = await workspace.clone(source, signal).catch((error: unknown) => {
    if (error instanceof VisibleError) return { failure: error.message }
    throw error
  })
  if (signal.aborted) return
  await journal.append([announce(source, cloned)])
  return "failure" in cloned ? cloned : describe(cloned)
}

const describe = ({ name, branch, base }: Repository): Clone => ({ name, branch, base })

function announce(source: string, cloned: Repository | { failure: string }) {
  if ("failure" in cloned)
    return notice({
      level: "error",
      code: "repository.clone_failed",
      text: `${source} could not be cloned: ${cloned.failure}`.slice(0, 4_000),
    })
  const text = `Cloned ${source}. Work happens on the branch ${cloned.branch}, which began at ${cloned.base}.`
  return notice({ level: "info", code: "repository.cloned", text })
}

/**
 * What repositories say about how to work on them, as it stood where the session began: not what somebody
 * wrote into a branch since, and always the same.
 */
export async function knowledge(sandbox: Sandbox, repositories: readonly Repository[]): Promise<Knowledge[]> {
  const found: Knowledge[] = []
  for (const { name, path: folder, baseCommit } of repositories) {
    for (const path of knowledgeFiles) {
      const shown = await sandbox.run({
        args: ["git", "-C", folder, "show", `${baseCommit}:${path}`],
        limit: knowledgeLimit,
        timeoutMs: 10_000,
      })
      const text = new TextDecoder().decode(shown.stdout)
      if ((shown.code === 0 || shown.truncated) && text.trim()) found.push({ repository: name, path, text })
    }
  }
  return found
}

interface Saving extends SaveOptions {
  journal: Journal
  workspace: Workspace
  generation: number
}

/**
 * Saves the workspace, if anything changed since the last time. What is not saved is said, once, and tried
 * again later. False where there is something left to be saved soon.
 */
export async function save({ journal, workspace, generation, ...options }: Saving) {
  const append = async (saved: Saved) => {
    const newest = filesOf(saved).map((file) => file.id)
    const kept = Chain.keep(newest, journal.facts.turns)
    await journal.append([{ kind: "snapshot", generation, ...saved, ...(kept.length > 0 && { kept }) }])
  }
  const problems = await workspace.save(append, options).catch((error: unknown): Problem[] => {
    if (!options.signal.aborted || Link.isOver(error)) throw error
    return [{ name: "The workspace", type: "failed", error: tooLate }]
  })
  for (const problem of problems) {
    if (problem.type === "failed" && !(problem.error instanceof VisibleError))
      Logger.error("a repository could not be saved", { sessionID: journal.info.id, error: problem.error })
  }
  // What went wrong beside the work may go well at the end of the turn.
  const told = problems.filter(({ type }) => type !== "failed" || !options.patient)
  for (const { code, text } of Words.describe(told))
    if (journal.facts.notices.get(code) !== text) await journal.append([notice({ level: "warning", code, text })])
  return problems.every(({ type }) => type === "partial")
}

const tooLate = new VisibleError("limit", "workspace.late", "the machine had to be given up before it was done.")
