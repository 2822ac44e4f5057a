import { Actor } from "@remote-swe/core/actor"
import { VisibleError } from "@remote-swe/core/error"
import { Slack } from "@remote-swe/core/slack"
import type { App } from "@slack/bolt"
import { perform } from "./command.ts"
import { type Heard, meet, read, refusal, tell, whisper } from "./heard.ts"
import { once } from "./once.ts"
import { parse } from "./parse.ts"
import { give } from "./task.ts"

/** Mentions, direct messages, and replies in threads that are ours. */
export function register(app: App) {
  const listen = async (event: unknown, client: Heard["client"], context: { botUserId?: string; teamId?: string }) => {
    const said = read(event, context.botUserId ?? "")
    if (!said) return
    const team = context.teamId ?? ""
    const sessionID = await Slack.Thread.find({ team, channel: said.channel, ts: said.thread_ts })
    // Other people's threads are none of our business.
    if (!sessionID && !said.isAddressed) return
    await once({ team, channel: said.channel, ts: said.ts }, async () => {
      const heard = await meet(client, team, said)
      await Actor.provide(heard.actor, () => hear(heard, sessionID))
    })
  }
  app.event("app_mention", ({ event, client, context }) => listen(event, client, context))
  app.event("message", ({ event, client, context }) => listen(event, client, context))
}

async function hear(heard: Heard, sessionID: string | undefined) {
  const { userID, thread, person } = heard
  if (!(await Slack.isAllowed({ team: thread.team, userID, isOutsider: person.isOutsider })))
    return heard.isAddressed ? tell(heard, refusal(heard)) : whisper(heard, refusal(heard))
  try {
    const command = heard.isAddressed ? parse(heard.text) : undefined
    await (command ? perform(command, heard, sessionID) : give(heard, sessionID))
  } catch (error) {
    if (!(error instanceof VisibleError)) throw error
    await tell(heard, `:warning: ${Slack.escape(error.message)}`)
  }
}
