import type { WebClient } from "@slack/web-api"
import * as v from "valibot"
import type { Context } from "../deliver/index.ts"
import { File } from "../file/index.ts"
import type { Message } from "./block.ts"
import { client, codeOf, explain } from "./client.ts"
import { escape, link } from "./mrkdwn.ts"
import type { Act, Address } from "./plan.ts"
import { Target } from "./thread.ts"
import { words } from "./words.ts"

/** Tells the thread. */

/** What is larger stays with us: it would have to go through memory. */
const largest = 50 * 1024 * 1024

/** Marks our messages, so that a try whose answer was lost is found again. */
const eventType = "remote_swe_event"

export async function perform(act: Act, context: Context, address: Address) {
  const target = v.parse(Target, context.target)
  switch (act.type) {
    case "post":
      return post(act.message, context, target)
    case "react":
      return react(act, target)
    case "document":
      return upload(Buffer.from(act.text), act.name, target)
    case "file":
      return file(act.file, context, target, address)
  }
}

async function post({ text, blocks }: Message, { key, uncertain }: Context, { channel, ts }: Target) {
  const slack = client()
  if (uncertain && (await isPosted(slack, channel, ts, key))) return
  await slack.chat.postMessage({
    channel,
    thread_ts: ts,
    text,
    blocks,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: eventType, event_payload: { key } },
  })
}

const Replies = v.object({
  messages: v.optional(
    v.array(
      v.object({
        metadata: v.optional(
          v.object({ event_type: v.string(), event_payload: v.optional(v.object({ key: v.optional(v.string()) })) }),
        ),
      }),
    ),
    [],
  ),
})

/** Whether the thread has this message. False where Slack does not let us look: then it may come twice. */
async function isPosted(slack: WebClient, channel: string, ts: string, key: string) {
  try {
    const pages = slack.paginate("conversations.replies", { channel, ts, include_all_metadata: true, limit: 200 })
    for await (const page of pages) {
      const { messages } = v.parse(Replies, page)
      const ours = messages.flatMap((item) => (item.metadata?.event_type === eventType ? [item.metadata] : []))
      if (ours.some((item) => item.event_payload?.key === key)) return true
    }
    return false
  } catch (error) {
    if (explain(error)?.type === "passing") throw error
    if (codeOf(error) === undefined) throw error
    return false
  }
}

async function react({ add, remove, ts }: Extract<Act, { type: "react" }>, { channel }: Target) {
  const { reactions } = client()
  if (remove) await reactions.remove({ channel, timestamp: ts, name: remove }).catch(ignorable)
  if (add) await reactions.add({ channel, timestamp: ts, name: add }).catch(ignorable)
}

/** A mark that is there already, or whose message is gone, is no reason to stop. */
function ignorable(error: unknown) {
  if (codeOf(error) === undefined || explain(error)?.type === "passing") throw error
}

async function file(file: File.Ref, context: Context, target: Target, address: Address) {
  const said = words(target.language)
  if (file.size > largest) {
    const where = link(address(context.sessionID), said.dashboard)
    const text = `${said.fileTooLarge(escape(file.name))} ${where}`
    return post({ text, blocks: [] }, context, target)
  }
  const { url } = await File.fromID({ id: file.id, sessionID: context.sessionID })
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  if (!response.ok) throw new Error(`The bucket answered ${response.status} for ${file.id}`)
  await upload(Buffer.from(await response.arrayBuffer()), file.name, target)
}

/** Puts a file into a thread. */
export async function upload(bytes: Buffer, filename: string, { channel, ts }: Pick<Target, "channel" | "ts">) {
  await client().filesUploadV2({ channel_id: channel, thread_ts: ts, file: bytes, filename })
}
