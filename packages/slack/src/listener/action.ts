import { Actor } from "@remote-swe/core/actor"
import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"
import type { App } from "@slack/bolt"
import * as v from "valibot"
import { actorOf, type Heard, refusal, whisper } from "./heard.ts"
import { once } from "./once.ts"
import { look } from "./person.ts"

const Choice = v.strictObject({
  sessionID: Identifier.schema("session"),
  askID: Identifier.schema("ask"),
  text: v.string(),
  approved: v.optional(v.boolean()),
})
type Choice = v.InferOutput<typeof Choice>

const Pressed = v.object({
  user: v.object({ id: v.string(), team_id: v.optional(v.string()) }),
  channel: v.object({ id: v.string() }),
  message: v.object({
    ts: v.string(),
    thread_ts: v.optional(v.string()),
    text: v.optional(v.string(), ""),
    blocks: v.optional(v.array(v.looseObject({ type: v.string(), block_id: v.optional(v.string()) })), []),
  }),
  actions: v.tupleWithRest([v.object({ value: v.string(), action_ts: v.string() })], v.unknown()),
})
type Pressed = v.InferOutput<typeof Pressed>

/** The buttons below a question of the agent. */
export function register(app: App) {
  app.action(new RegExp(`^${Slack.Block.choice}`), async ({ body, client, context }) => {
    const pressed = v.parse(Pressed, body)
    const [{ value, action_ts }] = pressed.actions
    const choice = v.parse(v.pipe(v.string(), v.parseJson(), Choice), value)
    const team = context.teamId ?? ""
    const { channel, message, user } = pressed
    const place = { team, channel: `${channel.id}:${message.ts}`, ts: action_ts }
    await once(place, async () => {
      const person = await look(client, user.id)
      const isOutsider = person.isOutsider || (user.team_id !== undefined && user.team_id !== team)
      const thread = { team, channel: channel.id, ts: message.thread_ts ?? message.ts }
      const words = Slack.words(person.language)
      const asker = { client, thread, userID: user.id, words }
      if (!(await Slack.isAllowed({ team, userID: user.id, isOutsider }))) return whisper(asker, refusal(asker))
      const messageID = Identifier.create("event", Slack.ending(place))
      const isTaken = await Actor.provide(actorOf(user.id, person), () => answer(choice, messageID))
      if (!isTaken) await whisper(asker, words.answeredAlready)
      await settle(
        client,
        pressed,
        isTaken ? words.chose(Slack.escape(person.name), Slack.escape(choice.text)) : undefined,
      )
    })
  })
}

/** False where the question is over. */
async function answer({ sessionID: id, askID, text, approved }: Choice, messageID: string) {
  try {
    await Session.reply({ id, askID, text, messageID, ...(approved !== undefined && { approved }) })
    return true
  } catch (error) {
    if (error instanceof VisibleError && ["ask.over", "session.missing"].includes(error.code)) return false
    throw error
  }
}

/** Takes the buttons away and says what was chosen. */
async function settle(client: Heard["client"], { channel, message }: Pressed, chosen: string | undefined) {
  const left = message.blocks.filter(
    (block) => block.block_id !== Slack.Block.choices,
  ) as unknown as Slack.Block.Message["blocks"]
  const said = chosen ? Slack.Block.text(`:ballot_box_with_check: ${chosen}`).blocks : []
  await client.chat
    .update({ channel: channel.id, ts: message.ts, text: message.text, blocks: [...left, ...said] })
    .catch((error: unknown) => {
      // The question may be gone from the thread; it is answered all the same.
      if (Slack.codeOf(error) === undefined) throw error
    })
}
