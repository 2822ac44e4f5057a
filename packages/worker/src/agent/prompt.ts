import type { Info as Session } from "@remote-swe/core/session/schema"

/** Files in which repositories say how they want to be worked on, most specific first. */
export const knowledgeFiles = ["AGENTS.md", "CLAUDE.md", ".cursorrules", ".github/copilot-instructions.md"]
export const knowledgeLimit = 30_000

export interface Knowledge {
  repository: string
  path: string
  text: string
}

export interface Clone {
  /** Its folder in the workspace. */
  name: string
  branch: string
  base: string
}

export interface Setting {
  session: Pick<Session, "repository" | "time">
  /** What was cloned before the first turn, or why it was not. */
  clone: Clone | { failure: string } | undefined
  knowledge: readonly Knowledge[]
  /** The hosts that commands may reach; everything where it is undefined. */
  egress?: readonly string[] | undefined
}

const mostHosts = 100

/** The system prompt: the same for all of a session, or nothing of it could be cached. */
export function build(text: string, { session, clone, knowledge, egress }: Setting) {
  const sections = [text.trim(), `The session began on ${new Date(session.time.created).toISOString().slice(0, 10)}.`]
  if (clone && "failure" in clone)
    sections.push(
      `The repository ${session.repository} could not be cloned: ${clone.failure}\n` +
        "Tell the user, and try clone_repository again if that may help.",
    )
  if (clone && "name" in clone)
    sections.push(
      `The repository ${session.repository} is cloned in the folder ${clone.name} of your workspace. You are on the session's branch, ` +
        `${clone.branch}, which began at ${clone.base}.`,
    )
  if (egress) sections.push(network(egress))
  let left = knowledgeLimit
  for (const { repository, path, text } of knowledge) {
    const shown = text.slice(0, left).toWellFormed()
    left -= shown.length
    if (shown.trim()) sections.push(`<file repository="${repository}" path="${path}">\n${shown.trim()}\n</file>`)
  }
  return sections.join("\n\n")
}

function network(hosts: readonly string[]) {
  const more = hosts.length > mostHosts ? ` and ${hosts.length - mostHosts} more` : ""
  return (
    `Commands reach only these hosts, at the ports 80 and 443 where none is named: ${hosts.slice(0, mostHosts).join(", ")}${more}. ` +
    "They do so through the proxy in HTTP_PROXY and HTTPS_PROXY; a program that does not use it reaches nothing. " +
    "What was refused is told at the end of a call's result, and to the user, who can allow a host. " +
    "Do without what is refused, or say what you need and why; do not look for a way around."
  )
}
