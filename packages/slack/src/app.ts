import { Slack } from "@remote-swe/core/slack"
import { App, type Receiver, type StringIndexed } from "@slack/bolt"
import { register as registerAction } from "./listener/action.ts"
import { register as registerMessage } from "./listener/message.ts"

/** The Bolt app, fed from our queue: what it hears is stored already, and comes again after a failure. */
export function create() {
  const receiver: Receiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined }
  let known: ReturnType<typeof introduce> | undefined
  const authorize = async () => {
    known ??= introduce()
    return known.catch((error: unknown) => {
      known = undefined
      throw error
    })
  }
  const app = new App({
    receiver,
    authorize,
    clientOptions: Slack.options(),
    logger: Slack.logger,
    convoStore: false,
  })
  registerMessage(app)
  registerAction(app)
  // Bolt would log it and go on; the queue has to know.
  app.error(async (error) => {
    throw error
  })
  return {
    receive: (body: StringIndexed) => app.processEvent({ body, ack: async () => undefined }),
  }
}

/** Who we are in Slack. */
async function introduce() {
  const { client } = Slack
  const me = await client().auth.test()
  return {
    botToken: client().token,
    botUserId: me.user_id,
    botId: me.bot_id,
    teamId: me.team_id,
  }
}
