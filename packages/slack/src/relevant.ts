import * as v from "valibot"

/** What Slack says of a message. */
export const Message = v.object({
  type: v.picklist(["message", "app_mention"]),
  subtype: v.optional(v.string()),
  user: v.optional(v.string()),
  bot_id: v.optional(v.nullable(v.string())),
  text: v.optional(v.nullable(v.string()), ""),
  ts: v.string(),
  thread_ts: v.optional(v.string()),
  channel: v.string(),
  channel_type: v.optional(v.string()),
  edited: v.optional(v.unknown()),
  hidden: v.optional(v.boolean()),
  /** The sender's workspace, where it is another one. */
  user_team: v.optional(v.string()),
  source_team: v.optional(v.string()),
  team: v.optional(v.string()),
  files: v.optional(v.array(v.looseObject({})), []),
})
export type Message = v.InferOutput<typeof Message>

/** Kinds of messages that people write; all others are changes, or said by programs. */
const written = [undefined, "file_share", "thread_broadcast", "me_message"]

/** Direct messages, alone or in a group. */
const isPrivate = ({ channel_type: type }: Message) => type === "im" || type === "mpim"

/** A message that a person wrote just now, to us or in a thread that may be ours. */
export function isSaid(message: Message) {
  if (!written.includes(message.subtype) || message.bot_id || !message.user || message.user === "USLACKBOT")
    return false
  if (message.edited || message.hidden) return false
  if (message.type === "app_mention" || isPrivate(message)) return true
  return message.thread_ts !== undefined
}

const Callback = v.object({ type: v.literal("event_callback"), event: v.unknown() })

/** Whether there may be something to do for what Slack sent. The rest is not worth a place in the queue. */
export function isRelevant(body: unknown) {
  const callback = v.safeParse(Callback, body)
  if (!callback.success) return v.is(v.object({ type: v.literal("block_actions") }), body)
  const message = v.safeParse(Message, callback.output.event)
  return message.success && isSaid(message.output)
}
