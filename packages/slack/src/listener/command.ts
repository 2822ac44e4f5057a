import { Log } from "@remote-swe/core/log"
import { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"
import { type Heard, tell } from "./heard.ts"
import type { Command } from "./parse.ts"
import { summary } from "./summary.ts"
import { takeOver } from "./take-over.ts"

/** Does what was asked of the bot itself. */
export async function perform(command: Command, heard: Heard, sessionID: string | undefined) {
  const { words } = heard
  switch (command.type) {
    case "approve_user":
    case "revoke_user":
      return change(command, heard)
    case "take_over":
      return takeOver(command.url, heard, sessionID)
    case "help":
      return tell(heard, words.help)
  }
  if (!sessionID) return tell(heard, words.noSession)
  const session = await Session.fromID(sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
  if (!session) return tell(heard, words.deleted)
  switch (command.type) {
    case "status":
      return tell(heard, summary(session, words))
    case "stop":
      return stop(session, heard)
    case "dump_history":
      return dump(session, heard)
  }
}

async function change({ type, people }: Extract<Command, { people: string[] }>, heard: Heard) {
  const { words, userID, thread } = heard
  if (!Slack.admins().includes(userID)) return tell(heard, words.adminsOnly)
  if (people.length === 0) return tell(heard, words.nobody(type))
  const named = people.map((id) => `<@${id}>`).join(", ")
  if (type === "revoke_user") {
    await Slack.revoke(thread.team, people)
    return tell(heard, words.revoked(named))
  }
  await Slack.approve(thread.team, people, userID)
  return tell(heard, words.approved(named))
}

async function stop(session: Session.Info, heard: Heard) {
  if (!Session.needsWork(session)) return tell(heard, heard.words.nothingToStop)
  await Session.stop(session.id)
  await tell(heard, heard.words.stopping)
}

const page = 100
/** A log may be longer than a file that people can open. */
const longest = 20 * 1024 * 1024

/** Every event, whole, as lines of JSON. */
async function dump({ id, head }: Session.Info, { thread }: Heard) {
  const lines: string[] = []
  let size = 0
  for (let after = 0; after < head && size < longest; after += page) {
    const events: Log.Read[] = await Log.list({ sessionID: id, after, limit: page, whole: true })
    lines.push(...events.map((event) => JSON.stringify(event)))
    size = lines.reduce((sum, line) => sum + line.length, 0)
  }
  await Slack.upload(Buffer.from(`${lines.join("\n")}\n`), `${id}.jsonl`, thread)
}
