import { Slack } from "@remote-swe/core/slack"
import type { Actor } from "@remote-swe/core/actor"
import type { AllMiddlewareArgs } from "@slack/bolt"
import * as v from "valibot"
import { isSaid, Message } from "../relevant.ts"
import { look, type Person } from "./person.ts"

type Client = AllMiddlewareArgs["client"]

/** Something that a person said to us, or in a thread that is ours. */
export interface Heard {
  client: Client
  place: Slack.Place
  /** The thread that it stands in or begins. */
  thread: Slack.Place
  userID: string
  person: Person
  actor: Actor.Info
  words: Slack.Words
  /** Without our own mention, in Slack's markup. */
  text: string
  files: Message["files"]
  /** They mean us; otherwise it is a reply in a thread. */
  isAddressed: boolean
}

/** What stands in an event; undefined where it is nothing for us. */
export function read(event: unknown, own: string) {
  const parsed = v.safeParse(Message, event)
  if (!parsed.success || !isSaid(parsed.output)) return
  const message = parsed.output
  const mention = new RegExp(`<@${own}(?:\\|[^>]*)?>`, "g")
  const isDirect = message.channel_type === "im"
  const text = message.text ?? ""
  const isMention = text.search(mention) >= 0
  const isGroup = message.channel_type === "mpim"
  // In channels Slack tells of a mention by an event of its own.
  if (message.type === "message" && isMention && !isDirect && !isGroup) return
  const { user = "", files, channel, ts, thread_ts = ts } = message
  const isAddressed = isDirect || message.type === "app_mention" || (isGroup && isMention)
  const sender = message.user_team ?? message.source_team ?? message.team
  return { user, files, channel, ts, thread_ts, isAddressed, sender, text: text.replaceAll(mention, " ").trim() }
}

export type Read = NonNullable<ReturnType<typeof read>>

export async function meet(client: Client, team: string, said: Read): Promise<Heard> {
  const { user: userID, channel, sender } = said
  const person = await look(client, userID)
  const isForeign = sender !== undefined && sender !== team
  return {
    client,
    place: { team, channel, ts: said.ts },
    thread: { team, channel, ts: said.thread_ts },
    userID,
    person: { ...person, isOutsider: person.isOutsider || isForeign },
    actor: actorOf(userID, person),
    words: Slack.words(person.language),
    text: said.text,
    files: said.files,
    isAddressed: said.isAddressed,
  }
}

export const actorOf = (userID: string, { name }: Person): Actor.Info => ({
  type: "user",
  userID: `${Slack.userPrefix}${userID}`,
  name,
})

/** Says something in the thread. */
export async function tell({ client, thread }: Pick<Heard, "client" | "thread">, text: string) {
  await client.chat.postMessage({
    channel: thread.channel,
    thread_ts: thread.ts,
    ...Slack.Block.text(text),
    unfurl_links: false,
    unfurl_media: false,
  })
}

/** Says something that only they see. */
export async function whisper({ client, thread, userID }: Pick<Heard, "client" | "thread" | "userID">, text: string) {
  await client.chat.postEphemeral({
    channel: thread.channel,
    thread_ts: thread.ts,
    user: userID,
    ...Slack.Block.text(text),
  })
}

export function refusal({ words, userID }: Pick<Heard, "words" | "userID">) {
  const admins = Slack.admins()
  if (admins.length === 0) return words.refusedOpen
  const named = admins.slice(0, 5).map((id) => `<@${id}>`)
  return words.refused(`<@${userID}>`, named.join(", ") || words.anAdmin)
}
